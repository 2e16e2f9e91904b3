"""Who asks: from the Authorization header to an account that is let in."""

from dataclasses import dataclass

from flask import g, request

from nebula_mock.core.account import Keyring
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.asked_scenario import asked_scenario
from nebula_mock.http.exchange import current_exchange
from nebula_mock.provider import Provider
from nebula_schemas.catalogue import Dialect


@dataclass(frozen=True, slots=True)
class Admission:
    """Lets accounts in, or refuses them in the words of their dialect.

    Attributes:
        provider: Whose rules say who may come in.
        keyring: Which keys are accounts.
    """

    provider: Provider
    keyring: Keyring

    def account(self, *, is_submit: bool = False) -> str:
        """The account of the current request; from here on it is answered in its own dialect.

        Raises:
            RefusalError: The row of its key or its standing.
        """
        header = request.headers.get("Authorization")
        asked = asked_scenario()
        dialects: dict[str, Dialect] = {}  # of the accounts that the key may mean

        def dialect_of(account: str) -> Dialect:
            dialects[account] = self.provider.dialect_of(account, asked)
            return dialects[account]

        whose = self.keyring.account(header, g.dialect, dialect_of)
        g.dialect = dialects[whose]
        exchange = current_exchange()
        exchange.account, exchange.provider_time = whose, self.provider.now(whose)
        try:
            self.provider.admit(whose, is_submit=is_submit, asked=asked)
        except RefusalError as refusal:
            if is_submit:
                self.provider.count_refused(whose, refusal)
            raise
        return whose

    def gateway_account(self, *, is_submit: bool = False) -> str:
        """The same on a route that stands in the server source alone; elsewhere there is no such route.

        Raises:
            RefusalError: As above, or ``unknown-route``.
        """
        try:
            whose = self.account(is_submit=is_submit)
        except RefusalError:
            if self.provider.dialect == "gateway":
                raise
            raise unknown_route() from None
        if g.dialect != "gateway":
            raise unknown_route()
        return whose


def unknown_route() -> RefusalError:
    """The refusal of a path and method that no operation has."""
    return RefusalError("unknown-route", method=request.method, path=request.path)
