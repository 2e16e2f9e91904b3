"""The changes of a page: those that fail the run, the others by severity, the accepted ones; filtered by boxes."""

from collections.abc import Sequence

from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.page.elements import Markup, code, element, joined
from nebula_contract.drift.reporting.words import words_of
from nebula_contract.judging.findings import LEVELS
from nebula_contract.reports.shown import count_of

_WORST_FIRST = tuple(reversed(LEVELS))
_OPEN = frozenset({"breaking", "risky"})


def findings(report: DriftReport) -> Markup:
    """All of them."""
    if not report.findings:
        return element("p", "No change.")
    gating = [one for one in report.open if one.id in report.gating]
    parts = [_filter(report)]
    if gating:
        title = f"{count_of(len(gating), 'change')} that {'fails' if len(gating) == 1 else 'fail'} the run"
        parts.append(_group(report, title, gating, is_open=True))
    for level in _WORST_FIRST:
        those = [one for one in report.open if one.severity == level and one.id not in report.gating]
        if those:
            title = f"{count_of(len(those), f'{level} change')} not failing the run"
            parts.append(_group(report, title, those, is_open=level in _OPEN))
    if report.known:
        title = f"{count_of(len(report.known), 'change')} accepted"
        parts.append(_group(report, title, report.known, is_open=False))
    return joined(*parts)


def _filter(report: DriftReport) -> Markup:
    """Boxes for each severity that there is; the style does the rest, where the browser can."""
    boxes = []
    for level in _WORST_FIRST:
        count = sum(one.severity == level for one in report.findings)
        if count:
            box = element("input", type="checkbox", id=f"show-{level}", checked=True)
            boxes.append(element("label", box, f" {level} ({count})"))
    return element("fieldset", element("legend", "Show"), *boxes, class_="filter")


def _group(report: DriftReport, title: str, those: Sequence[DriftFinding], *, is_open: bool) -> Markup:
    return element(
        "details",
        element("summary", element("h3", title)),
        *(_finding(report, one) for one in those),
        open=is_open,
    )


def _finding(report: DriftReport, finding: DriftFinding) -> Markup:
    words = words_of(report, finding)
    rows = {
        "where": words.where,
        "now": words.now,
        "before": words.baseline,
        "documents": words.docs,
        "mock": words.mock,
        "seen": words.often,
    }
    told = {
        "whose matter": words.whose,
        "acceptance": words.standing,
        "what to do": words.remedy,
    }
    commands = {"see it again": words.curl, "read more": f"nebula-contract explain {finding.rule.id}"}
    if report.stand(finding).standing != "accepted":
        commands["accept it"] = words.accept
    return element(
        "article",
        element(
            "h4",
            element("span", finding.severity, class_=f"badge {finding.severity}"),
            " ",
            words.what,
        ),
        element(
            "p",
            f"{words.title}, ",
            element("a", finding.id, href=f"#{finding.id}"),
            class_="id",
        ),
        element(
            "dl",
            *(_row(label, code(text)) for label, text in rows.items() if text),
            *(_row(label, text) for label, text in told.items() if text),
        ),
        element(
            "details",
            element("summary", "Commands"),
            *(
                joined(element("p", label), element("pre", element("code", text), tabindex="0"))
                for label, text in commands.items()
                if text
            ),
        ),
        class_=f"finding {finding.severity}",
        id=finding.id,
    )


def _row(label: str, value: str) -> Markup:
    return element("div", element("dt", label), element("dd", value))
