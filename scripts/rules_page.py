"""The reference page of the drift rules: what a change is called, how bad it is, its mirror, and what to do about it."""

from nebula_contract.drift.explained import GROUPS, drift_rules
from nebula_contract.drift.rules import Rule, verdict_kinds
from page_text import page, table


def rules_page() -> str:
    """The page."""
    intro = (
        "Every rule of `nebula-contract drift`, by its id, which is never used again for another. "
        "`nebula-contract explain ID` tells one of them, and [the guide](../guides/drift.md) how they are used. "
        "A promise of [a check](checks.md) that is broken falls under the check's own code; its mirror is `DR490`.\n\n"
        "`area`, `kind`, `action` and `direction` are the axes by which API change logs sort changes. The mirror is the rule of "
        "the same change backwards."
    )
    parts = [intro, "## Verdicts", _verdicts()]
    for digit, group in GROUPS.items():
        parts += [f"## DR{digit}: {group}", _rules([rule for rule in drift_rules() if rule.id[2] == digit])]
    return page("Drift rules", "\n\n".join(parts))


def _verdicts() -> str:
    rows = [
        (kind.name.replace("_", " "), kind.what, kind.who, kind.severity or "as the rule", kind.remedy)
        for kind in verdict_kinds().values()
    ]
    return table(("verdict", "means", "who acts", "severity", "what they do"), rows)


def _rules(rules: list[Rule]) -> str:
    rows = [
        (
            f"`{rule.id}`<br>`{rule.name}`",
            rule.severity,
            rule.what,
            f"{rule.axes.area}, {rule.axes.kind}, {rule.axes.action}, {rule.axes.direction}",
            "itself"
            if rule.mirror == rule.id
            else f"`{rule.mirror}`"
            if rule.mirror
            else f"none: {rule.without_mirror}",
            rule.remedy,
        )
        for rule in rules
    ]
    return table(("rule", "severity", "change", "axes", "mirror", "consumer"), rows)
