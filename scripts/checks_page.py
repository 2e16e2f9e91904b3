"""The reference page of the checks: what the provider promises, by area, with what to do when it is broken."""

from nebula_contract.freshness import STANDINGS, Freshness
from nebula_contract.judging.registry import AREAS, all_checks
from nebula_contract.reports.summary import EXIT_CODES
from page_text import page, table


def checks_page() -> str:
    """The page."""
    intro = (
        "Every check of `nebula-contract`, by its code, which is never used again for another. "
        "`nebula-contract explain CODE` tells one of them; [the guide](../guides/contract.md) shows how they are run. "
        "Levels: *breaking*, a correct consumer can fail; *risky*, a strict one can, or it cannot be decided; "
        "*additive*, something new; *info*, worth knowing."
    )
    parts = []
    for digit, area in AREAS.items():
        rows = [
            (
                f"`{check.code}`<br>`{check.name}`",
                check.level,
                check.promise,
                f"{check.cause} {check.remedy}",
                Freshness().standing(check.code).replace("live_pending", ""),
                check.source,
            )
            for check in all_checks()
            if check.code[2] == digit
        ]
        head = ("check", "level", "promise", "usually, and what to do", "live", "source")
        parts += [f"## NC{digit}: {area}", table(head, rows)]
    standings = [(f"`{name}`", meaning) for name, meaning in STANDINGS.items()]
    codes = [(str(code), meaning) for code, meaning in EXIT_CODES.items()]
    return page(
        "Checks",
        intro,
        *parts,
        "## Live",
        "How a check stands to the live provider. Those without a word above are `live_pending` until a live run has "
        "looked at them, and `live_verified` from then on: that changes with each run and stands in "
        "`contract/freshness.json`, not here.",
        table(("mark", "means"), standings),
        "## Exit codes",
        "Of several the first of 130, 2, 1, 4, 3 counts, and all reasons are told.",
        table(("code", "means"), codes),
    )
