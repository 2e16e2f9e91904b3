"""What a run does to the ledger, and what it has spent so far."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from nebula_client.api_key import ApiKey
from nebula_contract.live.asking import KnownTask, account_of
from nebula_contract.live.budget import Caps
from nebula_contract.live.case import Case
from nebula_contract.live.ledger import Ledger, Spender
from nebula_contract.live.ledger_lines import RELEASED
from nebula_contract.live.money import ZERO
from nebula_contract.live.outcome import Outcome, family_of
from nebula_contract.record.exchange import Credential

_READABLE = frozenset({"accepted", "succeeded", "charged"})
_CHARGED = frozenset({"succeeded", "charged"})


class Accounts:
    """The money of one run."""

    def __init__(
        self, ledger: Ledger, caps: Caps, host: str, keys: Mapping[Credential, ApiKey], digest: str
    ) -> None:
        """Look whether the ledger can be used.

        Raises:
            LedgerError: It cannot be read, or not be written where something may be spent.
        """
        self._ledger, self._caps, self._host, self._digest = ledger, caps, host, digest
        self._run = secrets.token_hex(6)
        self._accounts = {credential: account_of(key) for credential, key in keys.items()}
        self._amounts: dict[str, Decimal] = {}
        self._outcomes: dict[str, str] = {}
        if caps.run_usd:
            ledger.check_writable()
        self._known = ledger.read().entries

    def known_tasks(self, youth: timedelta) -> dict[str, KnownTask]:
        """The youngest task of each family that this account's earlier runs paid for here, and that is young."""
        since = self._ledger.now() - youth
        return {
            entry.family: KnownTask(entry.task_id, entry.id if entry.outcome == "accepted" else "")
            for entry in self._known
            if entry.task_id and entry.family and entry.at >= since and entry.outcome in _READABLE
            if (entry.host, entry.account) == (self._host, self._accounts.get("own"))
        }

    def reserve(self, case: Case) -> str:
        """Reserve what a case may cost; the id of the reservation.

        Raises:
            BudgetError: A cap would be passed.
            LedgerError: The ledger cannot be written.
        """
        spender = Spender(self._run, self._host, self._accounts[case.credential], self._digest)
        entry = self._ledger.reserve(case.name, case.price_usd, self._caps, spender)
        self._amounts[entry.id], self._outcomes[entry.id] = entry.usd, "reserved"
        return entry.id

    def not_sent(self, entry: str) -> None:
        """Nothing was sent for a reservation."""
        self._release(entry, "not-sent")

    def settle(self, entry: str, outcome: Outcome) -> None:
        """What became of a submit; nothing where none was reserved."""
        if not entry:
            return
        if outcome.kind in RELEASED:
            self._release(entry, outcome.kind)
            return
        self._ledger.settle(entry, outcome.kind, task_id=outcome.task_id, family=family_of(outcome.task_id))
        self._outcomes[entry] = outcome.kind

    def ended(self, entry: str, status: str) -> None:
        """A task has ended: a failed one is not charged (DOC, SRC). Nothing where it has no reservation."""
        if not entry:
            return
        if status == "failed":
            self._release(entry, "failed")
        else:
            self._ledger.settle(entry, "succeeded")
            self._outcomes[entry] = "succeeded"

    def _release(self, entry: str, outcome: str) -> None:
        if entry:
            self._ledger.release(entry, outcome)
            self._outcomes[entry] = outcome

    @property
    def spent_usd(self) -> Decimal:
        """What this run is surely charged."""
        return self._sum(_CHARGED)

    @property
    def reserved_usd(self) -> Decimal:
        """What counts as spent besides."""
        return self._sum(frozenset({"reserved", "accepted", "unknown"}))

    def _sum(self, outcomes: frozenset[str]) -> Decimal:
        amounts = (amount for entry, amount in self._amounts.items() if self._outcomes.get(entry) in outcomes)
        return sum(amounts, ZERO)
