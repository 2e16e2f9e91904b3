"""A drift rule in words: what changed, where, how bad, its mirror, and what to do; and a verdict: whose matter it is."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from nebula_contract.drift.rules import VERDICT_NAMES, Rule, VerdictKind, all_rules, rule_of, verdict_kinds

_WIDTH, _LABEL = 100, 12
GROUPS: Mapping[str, str] = {
    "1": "statuses, envelopes and headers",
    "2": "members of answers",
    "3": "requests",
    "4": "the life of a task",
    "6": "contradictions of the documents",
}
"""The first digit of a rule to what its group is about."""


def drift_rules() -> list[Rule]:
    """Every rule of changes, in order of its id; the promises of checks are none of them."""
    return [rule for rule in all_rules().values() if rule.id.startswith("DR")]


def drift_rule(word: str) -> Rule | None:
    """The rule of that id or name; None for a check, and for none."""
    try:
        found = rule_of(word)
    except KeyError:
        return None
    return found if found.id.startswith("DR") else None


def rule_facts(rule: Rule) -> dict[str, object]:
    """A rule as JSON members."""
    return {
        "code": rule.id,
        "name": rule.name,
        "area": rule.axes.area,
        "kind": rule.axes.kind,
        "action": rule.axes.action,
        "direction": rule.axes.direction,
        "level": rule.severity,
        "what": rule.what,
        "remedy": rule.remedy,
        "mirror": rule.mirror,
        "without_mirror": rule.without_mirror or None,
    }


def verdict_named(word: str) -> Sequence[VerdictKind]:
    """The rows of the verdict of that name, as severity files or as reports write it; none for none."""
    names = {word.lower(), word.lower().replace(" ", "_").replace("-", "_")}
    return [
        kind for kind in verdict_kinds().values() if kind.name in names or VERDICT_NAMES[kind.name] in names
    ]


def verdict_facts(kinds: Sequence[VerdictKind]) -> dict[str, object]:
    """A verdict as JSON members; a row for each way in which the witnesses can agree."""
    rows = [
        {"level": kind.severity, "who": kind.who, "what": kind.what, "remedy": kind.remedy} for kind in kinds
    ]
    return {"verdict": kinds[0].name, "name": VERDICT_NAMES[kinds[0].name], "rows": rows}


def verdict_explained(kinds: Sequence[VerdictKind]) -> Iterator[str]:
    """The verdict, and whose matter it is."""
    yield f"{kinds[0].name} {VERDICT_NAMES[kinds[0].name]}"
    for kind in kinds:
        yield from _row("means", kind.what)
        yield from _row("who", f"{kind.who} to act")
        yield from _row("severity", f"always {kind.severity}" if kind.severity else "as bad as the rule")
        yield from _row("what to do", kind.remedy)


def verdicts_listed() -> Iterator[str]:
    """A line for each verdict: its name in severity files, and in reports."""
    yield ""
    yield "Verdicts of drift, which a severity file can name as well"
    for name, told in VERDICT_NAMES.items():
        yield f"  {name:<16}  {told}"


def rules_listed() -> Iterator[str]:
    """A line for each rule, by groups."""
    group = ""
    for rule in drift_rules():
        if rule.id[2] != group:
            group = rule.id[2]
            yield ""
            yield f"DR{group}  drift: {GROUPS[group]}"
        yield f"  {rule.id}  {rule.severity:<8}  {rule.name}"


def rule_explained(rule: Rule) -> Iterator[str]:
    """The rule, and how bad it is under each verdict."""
    mirror = "" if rule.mirror is None else f"{rule.mirror} {all_rules()[rule.mirror].name}"
    yield f"{rule.id} {rule.name}"
    rows = {
        "about": f"{rule.axes.area}: {rule.axes.kind}, {rule.axes.action} ({rule.axes.direction})",
        "severity": rule.severity,
        "change": rule.what,
        "what to do": rule.remedy,
        "backwards": "itself" if rule.mirror == rule.id else mirror or f"none: {rule.without_mirror}",
    }
    for label, text in rows.items():
        yield from _row(label, text)
    yield "  It is told under one of these verdicts:"
    for kind in verdict_kinds().values():
        level = f"always {kind.severity}" if kind.severity else "as bad as the rule"
        yield from _row(
            kind.name.replace("_", " "), f"{kind.what} {kind.who.capitalize()} to act; {level}.", 18
        )


def _row(label: str, text: str, width: int = _LABEL) -> Iterator[str]:
    yield textwrap.fill(
        text,
        _WIDTH,
        initial_indent=f"  {label:<{width}}",
        subsequent_indent=" " * (width + 2),
        break_on_hyphens=False,
    )
