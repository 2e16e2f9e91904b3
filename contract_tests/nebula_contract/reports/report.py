"""What every format is made from: the run's header, the verdict, and the exchanges that findings name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nebula_contract.judging.findings import CheckRun, Finding, Level, Verdict
from nebula_contract.judging.registry import Check
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_contract.reports.summary import Ending

WORST_FIRST: tuple[Level, ...] = ("breaking", "risky", "additive", "info")


@dataclass(frozen=True, slots=True)
class Report:
    """A judged run.

    Attributes:
        header: What was known before the run.
        verdict: What it comes to.
        exchanges: Those that findings name, by number.
        checks: Every check by its code.
        ending: The exit code with its reasons.
        end: What was known after the run; None for one that was stopped.
        partial: Why the record is no whole run; empty for one that is.
        record: Where the record is kept; empty where it is not.
        ages: Code to the days since the check last held at the live provider; a code without an entry never did.
    """

    header: RunHeader
    verdict: Verdict
    exchanges: Mapping[int, Exchange]
    checks: Mapping[str, Check]
    ending: Ending
    end: RunEnd | None = None
    partial: str = ""
    record: str = ""
    ages: Mapping[str, int] = field(default_factory=dict)

    def check(self, code: str) -> Check | None:
        """The check of a finding; None for one of another version."""
        return self.checks.get(code)

    def name(self, code: str) -> str:
        """The name of a check; its code where it has none here."""
        check = self.checks.get(code)
        return code if check is None else check.name

    def example(self, finding: Finding) -> Exchange | None:
        """The plainest exchange that shows a finding."""
        return next((self.exchanges[one] for one in finding.exchanges if one in self.exchanges), None)

    @property
    def replay(self) -> str:
        """How a case is sent again, but for its name."""
        return f"nebula-contract replay {self.record or 'RUN'}"

    @property
    def groups(self) -> Sequence[tuple[Level, str, Sequence[Finding]]]:
        """Findings of one level and code together, the worst first."""
        grouped: dict[tuple[Level, str], list[Finding]] = {}
        for finding in self.verdict.findings:
            grouped.setdefault((finding.level, finding.code), []).append(finding)
        places = sorted(grouped, key=lambda key: (WORST_FIRST.index(key[0]), key[1]))
        return [(level, code, grouped[level, code]) for level, code in places]

    @property
    def unlooked(self) -> Sequence[CheckRun]:
        """Checks that had nothing to look at."""
        return [run for run in self.verdict.checks if not run.looked]


def named_exchanges(findings: Iterable[Finding], exchanges: Iterable[Exchange]) -> Mapping[int, Exchange]:
    """The exchanges that findings name, by number; the others are let go."""
    wanted = {number for finding in findings for number in finding.exchanges}
    return {one.number: one for one in exchanges if one.number in wanted}


def where(finding: Finding) -> str:
    """Where a promise is broken, in words: operation, family, status, state and place."""
    parts = [
        finding.operation,
        finding.family,
        f"HTTP {finding.status}" if finding.status else "",
        f"task {finding.state}" if finding.state else "",
        f"at {finding.location}" if finding.location else "",
    ]
    return ", ".join(part for part in parts if part)
