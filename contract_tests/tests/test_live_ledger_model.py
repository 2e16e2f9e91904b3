"""The ledger against a model of it: any order of reservations, outcomes, crashes and other processes."""

import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from nebula_contract.live.budget import BudgetError, Caps
from nebula_contract.live.ledger import Ledger, Spender
from nebula_contract.live.ledger_lines import RELEASED, may_become

AMOUNTS = st.decimals("0.01", "3", places=4)
OUTCOMES = ("accepted", "unknown", "succeeded", "charged", "refused", "not-sent", "failed", "not-charged")
CAP = Decimal(10)
HERE = Spender("run", "llm.ai-nebula.com", "account", "plan")


class LedgerAndModel(RuleBasedStateMachine):
    """What the model holds: amount and outcome by id; what a crash may have left besides."""

    entries: Bundle[str] = Bundle("entries")

    @initialize()
    def begins(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "ledger.ndjson"
        self.model: dict[str, tuple[Decimal, str]] = {}
        self.cut = Decimal(0)

    def teardown(self) -> None:
        self._folder.cleanup()

    def counted(self) -> Decimal:
        return sum((usd for usd, outcome in self.model.values() if outcome not in RELEASED), self.cut)

    @rule(target=entries, usd=AMOUNTS)
    def reserve(self, usd: Decimal) -> str | MultipleResults[str]:
        fits = self.counted() + usd <= CAP
        try:
            entry = Ledger(self.path).reserve("case", usd, Caps(CAP, CAP, CAP), HERE)
        except BudgetError:
            # what a crash cut counts for day and month, for a run it is nobody's
            assert not fits
            return multiple()
        assert fits
        self.model[entry.id] = (usd, "reserved")
        return entry.id

    @rule(entry=entries, outcome=st.sampled_from(OUTCOMES))
    def moves(self, entry: str, outcome: str) -> None:
        if entry not in self.model or not may_become(self.model[entry][1], outcome):
            return
        ledger = Ledger(self.path)
        ledger.release(entry, outcome) if outcome in RELEASED else ledger.settle(entry, outcome)
        self.model[entry] = (self.model[entry][0], outcome)

    @rule(entry=consumes(entries), share=st.floats(0, 1))
    def crashes_while_it_settles(self, entry: str, share: float) -> None:
        """The line is cut anywhere before its end: the reservation stands as it was."""
        usd, outcome = self.model[entry]
        if not may_become(outcome, "not-charged"):
            return
        before = self.path.read_bytes()
        Ledger(self.path).release(entry, "not-charged")
        whole = self.path.read_bytes()
        added = len(whole) - len(before)
        if not whole.startswith(before):  # an earlier cut was put away with it
            self.model[entry] = (usd, "not-charged")
            return
        self.path.write_bytes(whole[: len(before) + int(share * (added - 2))])

    @rule(usd=AMOUNTS, share=st.floats(0, 1))
    def crashes_while_it_reserves(self, usd: Decimal, share: float) -> None:
        """Nothing was sent; it may count all the same, as soon as the amount can be read, and for ever."""
        if self.counted() + usd > CAP:
            return
        Ledger(self.path).reserve("case", usd, Caps(CAP, CAP, CAP), HERE)
        whole = self.path.read_bytes()
        last = whole.rstrip(b"\n").rpartition(b"\n")[2]
        kept = last[: int(share * (len(last) - 1))]
        self.path.write_bytes(whole[: len(whole) - len(last) - 1] + kept)
        if b'"usd":"' in kept and kept.split(b'"usd":"')[1].count(b'"'):
            self.cut += usd

    @invariant()
    def counts_what_the_model_counts(self) -> None:
        if hasattr(self, "path"):
            assert Ledger(self.path).read().counted_usd() == self.counted()


LedgerAndModel.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestLedgerAndModel = LedgerAndModel.TestCase
