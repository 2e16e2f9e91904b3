"""Timing of a page: how long each thing took in the run and at the mock, as bands from the shortest to the longest."""

from nebula_contract.drift.observation import LifeSeen, Span
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.page.elements import Markup, element, joined, table
from nebula_contract.drift.reporting.page.scale import Scale, scale_of, seconds_told
from nebula_contract.drift.reporting.words import side_of
from nebula_contract.reports.shown import shown

_WHAT = {"poll lag": "end told late by"}
_PREFIXES = {"to ": "submit to {}", "answer ": "answer to {}"}


def bands(report: DriftReport) -> Markup:
    """A table for each family; empty where nothing was timed."""
    tables = [
        _family(name, life, report.mock_lives.get(name, LifeSeen()), side_of(report))
        for name, life in sorted(report.lives.items())
        if life.spans
    ]
    if not tables:
        return Markup("")
    note = (
        "Each row has a scale of its own, from 0. A band goes from the shortest to the longest, the tick is the median; "
        "a band with an arrow goes on beyond the picture. The mock's times are what its settings make them: it can be "
        "slowed down to the provider's by nebula-contract calibrate."
    )
    return joined(element("p", note, class_="note"), *tables)


def _family(name: str, live: LifeSeen, mock: LifeSeen, label: str) -> Markup:
    columns = ("what", f"{label} above, mock below", label, f"{label}: samples", "mock", "mock: samples")
    rows = [
        _row(what, span, mock.spans.get(what), label) for what, span in sorted(live.spans.items(), key=_order)
    ]
    return table(f"Times of {shown(name)}, {label} against mock", columns, rows, class_="bands")


def _order(one: tuple[str, Span]) -> tuple[bool, float, str]:
    """Statuses by their time, then what is no status."""
    what, span = one
    return (not what.startswith("to "), span.middle if what.startswith("to ") else 0.0, what)


def _row(what: str, live: Span, mock: Span | None, label: str) -> tuple[str, ...]:
    scale = scale_of([live], [mock] if mock else [])
    picture = element(
        "svg",
        _band("live", live, scale, 2),
        _band("mock", mock, scale, 20) if mock else "",
        class_="band",
        height=36,
        role="img",
        aria_label=f"{label} {_told(live)}; mock {_told(mock) if mock else 'not seen'}",
    )
    return (
        shown(_named(what)),
        picture,
        _told(live),
        str(live.count),
        _told(mock) if mock else "not seen",
        str(mock.count) if mock else "0",
    )


def _named(what: str) -> str:
    for prefix, words in _PREFIXES.items():
        if what.startswith(prefix):
            return words.format(what.removeprefix(prefix))
    return _WHAT.get(what, what)


def _told(span: Span) -> str:
    if span.least == span.most:
        return seconds_told(span.middle)
    return f"{seconds_told(span.least)} to {seconds_told(span.most)}, median {seconds_told(span.middle)}"


def _band(side: str, span: Span, scale: Scale, y: int) -> Markup:
    least, middle, most = (scale.at(one) for one in (span.least, span.middle, span.most))
    return joined(
        element("line", class_="axis", x1=0, x2="100%", y1=y + 7, y2=y + 7),
        element(
            "rect", class_=f"range {side}", x=f"{least:g}%", y=y, width=f"{most - least:g}%", height=14, rx=2
        ),
        element("rect", class_=f"tick {side}", x=f"{middle:g}%", y=y - 1, width=3, height=16),
        element("text", "→", class_="beyond", x="100%", dx=-4, y=y + 11, text_anchor="end")
        if scale.cuts(span.most)
        else "",
    )
