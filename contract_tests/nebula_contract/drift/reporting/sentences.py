"""A drift finding as sentences, a line each: what the formats say that have one field for all of it."""

from collections.abc import Sequence

from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.words import words_of


def sentences(report: DriftReport, finding: DriftFinding) -> Sequence[str]:
    """What changed and where, what was before, how often, whose matter it is, and what to do."""
    words = words_of(report, finding)
    before = words.baseline or f"documents: {words.docs or 'nothing'}; mock: {words.mock or 'nothing'}"
    is_accepted = report.stand(finding).standing == "accepted"
    parts = (
        f"{words.what} {_capital(words.where)}: now {words.now}.",
        f"Before: {before}.",
        f"Seen {words.often}.",
        f"Whose matter: {words.whose}",
        f"Acceptance: {words.standing}." if words.standing else "",
        f"What to do: {words.remedy}",
        f"To accept it: {words.accept}" if words.accept and not is_accepted else "",
    )
    return [part for part in parts if part]


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
