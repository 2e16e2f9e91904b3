"""Parity of a page: a bar for each family, with the number, what it was counted from, and its age."""

from nebula_contract.drift.parity import Parity, total
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.page.elements import Markup, element, joined, table
from nebula_contract.drift.reporting.words import age_of, family_told, percent

_COLUMNS = ("family", "parity", "as a bar", "traits alike", "answers", "kinds seen", "kinds not seen", "age")


def parity(report: DriftReport) -> Markup:
    """The table of all families and each."""
    age = age_of(report)
    rows = [_row(one, age) for one in (total(report.parity), *report.parity)]
    return joined(
        element(
            "p",
            "Of all traits of the provider's answers that were seen (types, words, forms, headers, statuses), the share "
            "in which the mock does the same. A number of few answers, or an old one, says little.",
            class_="note",
        ),
        table("Parity per family, with its samples and its age", _COLUMNS, rows, class_="parity"),
    )


def _row(one: Parity, age: str) -> tuple[str, ...]:
    name = family_told(one)
    if not one.samples and not one.compared:
        return (name, "not looked at", "", "", "0", "0", str(one.unseen), "")
    share = "nothing to compare" if one.share is None else percent(one.share)
    return (
        name,
        element("strong", share),
        "" if one.share is None else _bar(one.share),
        f"{one.equal} of {one.compared}",
        str(one.samples),
        str(one.cells),
        str(one.unseen),
        age,
    )


def _bar(share: float) -> Markup:
    return element(
        "svg",
        element("rect", class_="trough", x=0, y=2, width="100%", height=12, rx=3),
        element("rect", class_="share", x=0, y=2, width=f"{share:.2%}", height=12, rx=3),
        class_="bar",
        height=16,
        role="img",
        aria_label=f"{percent(share)} alike",
    )
