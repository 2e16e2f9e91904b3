"""What a run comes to as an exit code, with every reason that there is: pure.

0 nothing at or above the bound, and all that must be looked at was; 1 findings; 2 the run could not be made or read;
3 inconclusive: something that must be seen was not; 4 an answer that no rule could take; 130 interrupted.
Of several the first of 130, 2, 1, 4, 3 is the code, and all reasons are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from nebula_contract.judging.findings import LEVELS, Finding, Level, Verdict
from nebula_contract.reports.shown import count_of

FailOn = Literal["none", "info", "additive", "risky", "breaking"]
"""From which level on a finding makes the exit code 1."""
FAIL_ON: tuple[FailOn, ...] = get_args(FailOn)

HELD, BROKEN, UNUSABLE, INCONCLUSIVE, QUARANTINE, INTERRUPTED = 0, 1, 2, 3, 4, 130
EXIT_CODES = {
    HELD: "all that must be looked at was, and no finding is at or above --fail-on",
    BROKEN: "a finding is at or above --fail-on",
    UNUSABLE: "usage, target or file error; no verdict",
    INCONCLUSIVE: "inconclusive: something that must be looked at was not (0 with --inconclusive-ok)",
    QUARANTINE: "an answer could not be classified; it is in the record",
    INTERRUPTED: "interrupted; what was sent until then is judged",
}
PRECEDENCE = (INTERRUPTED, UNUSABLE, BROKEN, QUARANTINE, INCONCLUSIVE)
"""Of several codes the first of these is the one."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An exit code.

    Attributes:
        code: The code.
        reasons: Every reason, a sentence each, those of the code first; empty where all held.
        fail_on: The bound that was used.
    """

    code: int
    reasons: tuple[str, ...]
    fail_on: FailOn = "breaking"

    def gates(self, finding: Finding) -> bool:
        """Whether that finding makes the code 1."""
        return gates(finding.level, self.fail_on)


def gates(level: Level, fail_on: FailOn) -> bool:
    """Whether a finding of that level makes the exit code 1."""
    return fail_on != "none" and LEVELS.index(level) >= LEVELS.index(fail_on)


def ending_of(
    verdict: Verdict,
    *,
    fail_on: FailOn = "breaking",
    inconclusive_ok: bool = False,
    partial: str = "",
    problem: str = "",
    stale: Sequence[str] = (),
    quarantined: Sequence[str] = (),
    is_interrupted: bool = False,
) -> Ending:
    """The exit code of a run.

    Args:
        verdict: What was found.
        fail_on: From which level on findings count.
        inconclusive_ok: Whether 3 becomes 0, as for pull requests; its reasons stay.
        partial: Why the run is not whole; empty for one that is.
        problem: What could not be done beside judging, such as a report that was not written.
        stale: Codes of checks that held live too long ago.
        quarantined: What could not be classified, a sentence each.
        is_interrupted: Whether somebody stopped the run.
    """
    counted = [finding for finding in verdict.findings if gates(finding.level, fail_on)]
    reasons: dict[int, list[str]] = {
        INTERRUPTED: ["the run was interrupted"] if is_interrupted else [],
        UNUSABLE: [problem] if problem else [],
        BROKEN: [f"{count_of(len(counted), 'finding')} at or above {fail_on}"] if counted else [],
        QUARANTINE: list(quarantined),
        INCONCLUSIVE: _inconclusive(verdict, partial, stale),
    }
    found = [code for code in PRECEDENCE if reasons[code]]
    code = found[0] if found else HELD
    if code == INCONCLUSIVE and inconclusive_ok:
        code = HELD
    return Ending(code, tuple(reason for one in found for reason in reasons[one]), fail_on)


def _inconclusive(verdict: Verdict, partial: str, stale: Sequence[str]) -> list[str]:
    missing, infra = verdict.missing, verdict.infra
    reasons = {
        "no check had anything to look at": not any(run.looked for run in verdict.checks),
        f"{count_of(len(missing), 'required cell')} not seen": bool(missing),
        f"{count_of(len(infra), 'time')} the target could not be looked at": bool(infra),
        partial: bool(partial),
        f"{count_of(len(stale), 'check')} held live too long ago or never": bool(stale),
    }
    return [reason for reason, holds in reasons.items() if holds]
