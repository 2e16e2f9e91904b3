"""What every format of a drift report is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nebula_contract.drift.accepted import Stand
from nebula_contract.drift.document import Dated
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.observation import LifeSeen
from nebula_contract.drift.parity import Parity
from nebula_contract.judging.findings import Cell
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_contract.reports.summary import Ending


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A record compared with the other witnesses.

    Attributes:
        header: What was known before the run.
        end: What was known after it; None for one that was stopped.
        exchanges: How many there were.
        findings: Every change, the worst first; those that are accepted last.
        stands: How each stands, by id.
        gating: Ids of the findings that make the exit code 1.
        parity: By family.
        lives: What the tasks of each family did.
        mock_lives: The same at the mock, in the documented dialect.
        unverified: Cells of the baseline that the run did not look at, with when they were last seen.
        missing: Cells that the run had to look at and did not.
        unobservable: What could not be looked at, and why.
        ending: The exit code with its reasons.
        compared_at: The file of what the provider was last accepted to do, whether or not it is there.
        baseline: When the baseline was last seen as a whole; None where there is none.
        today: The day of the report, ISO 8601.
        record: Where the record is kept.
        partial: Why the record is no whole run; empty for one that is.
        files: The options by which other files than the usual ones were named, for the commands that are shown.
    """

    header: RunHeader
    end: RunEnd | None
    exchanges: int
    findings: Sequence[DriftFinding]
    stands: Mapping[str, Stand]
    gating: frozenset[str]
    parity: Sequence[Parity]
    lives: Mapping[str, LifeSeen]
    mock_lives: Mapping[str, LifeSeen]
    unverified: Mapping[str, str]
    missing: Sequence[Cell]
    unobservable: Mapping[str, int]
    ending: Ending
    baseline: Dated | None
    today: str
    record: str = ""
    partial: str = ""
    files: str = ""
    compared_at: str = "contract/observed.json"

    def stand(self, finding: DriftFinding) -> Stand:
        """How a finding stands."""
        return self.stands[finding.id]

    @property
    def open(self) -> Sequence[DriftFinding]:
        """Findings that nobody has accepted, or whose acceptance holds no longer."""
        return [one for one in self.findings if self.stand(one).standing != "accepted"]

    @property
    def known(self) -> Sequence[DriftFinding]:
        """Findings that are accepted."""
        return [one for one in self.findings if self.stand(one).standing == "accepted"]
