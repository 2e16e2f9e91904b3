"""What the provider allows one account: its key's standing, its models, its balance, how much at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, get_args

from nebula_mock.core.refusal import RefusalError
from nebula_schemas.catalogue import DIALECTS, Dialect

Standing = Literal["enabled", "disabled", "expired", "exhausted", "ip-refused", "banned", "group-disabled"]
VideoResults = Literal["url", "data-uri"]

STANDINGS: tuple[Standing, ...] = get_args(Standing)
VIDEO_RESULTS: tuple[VideoResults, ...] = get_args(VideoResults)


class RulesError(ValueError):
    """The rules of an account cannot work."""


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The rules of one account.

    Attributes:
        standing: Of its key; only ``enabled`` is let in.
        models: The only models it may use; empty for all.
        balance_usd: US dollars to spend; None for no limit. Checked at submit, charged on success.
        most_running: How many unfinished tasks it may have; None for no limit.
        dialect: How the provider answers it; None for the server's own way.
        video_results: Whether a family that can (Veo) hands its results over in the answer, as
            ``data-uri``, or by ``url``; None for the server's own way.
    """

    standing: Standing = "enabled"
    models: tuple[str, ...] = ()
    balance_usd: Decimal | None = None
    most_running: int | None = None
    dialect: Dialect | None = None
    video_results: VideoResults | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            RulesError: Which rule, what was found, what was expected.
        """
        checks: tuple[tuple[str, Any, bool, str], ...] = (
            ("standing", self.standing, self.standing in STANDINGS, f"one of {', '.join(STANDINGS)}"),
            ("models", self.models, _are_texts(self.models), "a tuple of model ids"),
            ("dialect", self.dialect, self.dialect in (None, *DIALECTS), "documented, gateway or None"),
            (
                "video_results",
                self.video_results,
                self.video_results in (None, *VIDEO_RESULTS),
                "url, data-uri or None",
            ),
            (
                "balance_usd",
                self.balance_usd,
                _is_money(self.balance_usd),
                "a Decimal of at least 0, or None",
            ),
            (
                "most_running",
                self.most_running,
                _is_count(self.most_running),
                "a number of at least 1, or None",
            ),
        )
        for name, value, holds, expected in checks:
            if not holds:
                message = f"{name}: found {value!r}, expected {expected}"
                raise RulesError(message)

    @property
    def has_limits(self) -> bool:
        """Whether what the account did before decides what it may do now."""
        return self.balance_usd is not None or self.most_running is not None

    def refuse_key(self) -> None:
        """Nothing, while the key is enabled.

        Raises:
            RefusalError: ``key-disabled`` and so on, one row a standing.
        """
        if self.standing != "enabled":
            raise RefusalError(f"key-{self.standing}")

    def refuse_model(self, model: str, dialect: Dialect, *, is_submit: bool = True) -> None:
        """Nothing, when the account may use ``model``.

        A key that is bound to some models has no model on a query or download, and the gateway
        refuses it there too (SRC).

        Raises:
            RefusalError: ``model-not-allowed``.
        """
        if not self.models or (not is_submit and dialect != "gateway"):
            return
        if model not in self.models:
            raise RefusalError("model-not-allowed", model=model)

    def refuse_spending(self, price_usd: Decimal, spent_usd: Decimal) -> None:
        """Nothing, while the balance covers one more task of that price.

        Raises:
            RefusalError: ``quota-not-enough``.
        """
        if self.balance_usd is not None and self.balance_usd - spent_usd < price_usd:
            raise RefusalError("quota-not-enough")

    def refuse_more(self, running: int) -> None:
        """Nothing, while one more task may run beside ``running`` others.

        Raises:
            RefusalError: ``too-many-running``.
        """
        if self.most_running is not None and running >= self.most_running:
            raise RefusalError("too-many-running", most=self.most_running)


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _is_money(value: object) -> bool:
    return value is None or (isinstance(value, Decimal) and value.is_finite() and value >= 0)


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1)


def _nobody() -> Mapping[str, AccountRules]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of every account.

    Attributes:
        everyone: For accounts that are not named.
        named: Account to its own rules.
    """

    everyone: AccountRules = field(default_factory=AccountRules)
    named: Mapping[str, AccountRules] = field(default_factory=_nobody)

    def of(self, account: str) -> AccountRules:
        """The rules of an account."""
        return self.named.get(account, self.everyone)

    def put_back(self, first: "Rulebook", account: str | None = None) -> tuple["Rulebook", int]:
        """This rulebook with the rules of another for every account, or for one; and for how many they differ."""
        names = {*self.named, *first.named} if account is None else {account}
        changed = [name for name in names if self.named.get(name) != first.named.get(name)]
        made = self
        for name in changed:
            made = made.with_rules(name, first.named.get(name))
        return made, len(changed)

    def with_rules(self, account: str, rules: AccountRules | None) -> "Rulebook":
        """This rulebook with other rules for one account; None for those of everyone."""
        others = {name: own for name, own in self.named.items() if name != account}
        return Rulebook(self.everyone, others if rules is None else {**others, account: rules})
