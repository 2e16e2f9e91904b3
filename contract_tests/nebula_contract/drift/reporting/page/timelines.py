"""Status traces of a page as timelines: for each family what its tasks went through, the mock's below on one scale."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nebula_contract.drift.observation import ARROW, LifeSeen, Span
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.page.elements import Markup, element, joined
from nebula_contract.drift.reporting.page.scale import Scale, scale_of, seconds_told
from nebula_contract.drift.reporting.words import side_of
from nebula_contract.judging.oracle import RANKS, TERMINAL
from nebula_contract.reports.shown import count_of, shown

MOST_TRACES = 6
"""Traces of one family that each side draws, the most frequent first."""
_FAILED = frozenset({"failed"})
_KINDS = {
    "waits": "waiting",
    "runs": "in progress",
    "good": "succeeded",
    "bad": "failed",
    "new": "a status that the contract does not know",
}
_END = 8  # pixels of what a trace ends in


@dataclass(frozen=True, slots=True)
class Step:
    """One status of a trace.

    Attributes:
        status: The word, fit to be shown.
        kind: A key of ``_KINDS``.
        span: How long after the submit it was first read; None where it is read again, or nothing is known.
        start: Where it is drawn to begin, in seconds.
    """

    status: str
    kind: str
    span: Span | None
    start: float


def timelines(report: DriftReport) -> Markup:
    """A figure for each family; empty where no task was followed."""
    if not report.lives:
        return Markup("")
    note = (
        "Time runs from the submit, on one scale per family. A status begins where it was first read (the median over "
        "the family's tasks): at most as long after it began as the run waited between two reads."
    )
    legend = [
        element("li", element("span", class_=f"swatch {kind}", aria_hidden="true"), f" {words}")
        for kind, words in _KINDS.items()
    ]
    return joined(
        element("p", note, class_="note"),
        element("ul", *legend, class_="legend", aria_label="Colours of statuses"),
        *(
            _family(name, life, report.mock_lives.get(name, LifeSeen()), side_of(report))
            for name, life in sorted(report.lives.items())
        ),
    )


def _family(name: str, live: LifeSeen, mock: LifeSeen, label: str) -> Markup:
    scale = scale_of(_to_statuses(live), _to_statuses(mock))
    return element(
        "figure",
        element("figcaption", element("h3", shown(name)), f", {count_of(live.tasks, 'task')} followed"),
        _side("live", live, scale, label),
        _side("mock", mock, scale, "mock"),
        class_="timeline",
    )


def _to_statuses(life: LifeSeen) -> list[Span]:
    return [span for what, span in life.spans.items() if what.startswith("to ")]


def _side(side: str, life: LifeSeen, scale: Scale, label: str) -> Markup:
    """One side under its label; ``side`` is how it is drawn: ``live`` for the run, ``mock`` for the package's own."""
    traces = sorted(life.traces.items(), key=lambda one: (-one[1], one[0]))
    if side == "mock":  # it is looked at in every way there is; cut-off traces say nothing about time
        traces = [one for one in traces if one[0].rpartition(ARROW)[2] in TERMINAL and ARROW in one[0]]
    rows = [_trace(side, trace, count, life.spans, scale, label) for trace, count in traces[:MOST_TRACES]]
    left = len(traces) - MOST_TRACES
    more = [element("li", f"and {count_of(left, 'other trace')}")] if left > 0 else []
    return element(
        "div",
        element("h4", label),
        element("ul", *rows, *more) if rows else element("p", "no trace"),
        class_=f"side {side}",
    )


def _trace(side: str, trace: str, count: int, spans: Mapping[str, Span], scale: Scale, label: str) -> Markup:
    steps = steps_of(trace, spans)
    words = " → ".join(_step_told(one) for one in steps)
    times = f" ({count_of(count, 'time')})" if side == "live" else ""
    return element("li", _drawn(steps, scale, f"{label}: {words}"), element("p", words, times))


def steps_of(trace: str, spans: Mapping[str, Span]) -> Sequence[Step]:
    """The statuses of a trace; one whose time is not known begins with the one before it."""
    steps: list[Step] = []
    told: set[str] = set()
    start = 0.0
    for status in trace.split(ARROW):
        span = None if status in told else spans.get(f"to {status}")
        told.add(status)
        start = start if span is None else max(start, span.middle)
        steps.append(Step(shown(status), kind_of(status), span, start))
    return steps


def kind_of(status: str) -> str:
    """How a status is coloured: by what it means, as far as the contract knows it."""
    if status in TERMINAL:
        return "bad" if status in _FAILED else "good"
    if status not in RANKS:
        return "new"
    return "runs" if status == "in_progress" else "waits"


def _step_told(step: Step) -> str:
    span = step.span
    if span is None:
        return f"{step.status} at a time not known"
    if span.least == span.most:
        return f"{step.status} at {seconds_told(span.middle)}"
    return f"{step.status} at {seconds_told(span.middle)} ({seconds_told(span.least)} to {seconds_told(span.most)})"


def _drawn(steps: Sequence[Step], scale: Scale, words: str) -> Markup:
    """The trace as a bar: a piece for each status, the last one as its end."""
    return element(
        "svg",
        element("rect", class_="trough", x=0, y=0, width="100%", height=22, rx=3),
        *_pieces(steps, scale),
        class_="trace",
        height=22,
        role="img",
        aria_label=words,
    )


def _pieces(steps: Sequence[Step], scale: Scale) -> Iterator[Markup]:
    for step, after in pairwise(steps):
        start, end = scale.at(step.start), scale.at(after.start)
        if end > start:
            yield element(
                "svg",
                element("rect", class_=step.kind, width="100%", height=22),
                element("text", step.status, x=6, y=15),
                x=f"{start:g}%",
                width=f"{end - start:g}%",
                height=22,
                overflow="hidden",
            )
    last = steps[-1]
    at = scale.at(last.start)
    yield element("rect", class_=f"end {last.kind}", x=f"{at:g}%", width=_END, height=22)
    yield element(
        "text",
        last.status,
        class_="after",
        x=f"{at:g}%",
        dx=_END + 6,
        y=15,
    )
