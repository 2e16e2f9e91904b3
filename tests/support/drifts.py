"""Drift reports for tests of their formats: a plain one, and any at all with texts that mean harm."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from exchanges import answered, exchanges
from nebula_contract.drift.accepted import Acceptance, Stand
from nebula_contract.drift.document import Dated
from nebula_contract.drift.finding import DriftFinding, Evidence, Place
from nebula_contract.drift.observation import LifeSeen, Span
from nebula_contract.drift.parity import Parity
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.rules import all_rules, verdict_kinds
from nebula_contract.judging.findings import LEVELS, Cell
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_contract.reports.summary import FAIL_ON, PRECEDENCE, Ending, gates
from verdicts import hostile_texts

HEADER = RunHeader(
    "0.1.0",
    "https://provider.example",
    "live",
    "2026-01-05T08:00:00Z",
    profile="live",
    plan="sha256:00aa",
    cap_usd="2.00",
)
END = RunEnd("2026-01-05T08:09:00Z", "complete", 40, "1.25", ("one case was left out: the cap was met",))
TODAY = "2026-01-08"
LIFE = LifeSeen(
    tasks=3,
    spans={
        "to queued": Span(3, 0.0, 0.25, 0.5),
        "to in_progress": Span(3, 4.0, 5.0, 6.5),
        "to succeeded": Span(2, 80.0, 95.0, 140.0),
        "answer query": Span(9, 0.08, 0.12, 0.31),
    },
)
LIFE.traces.update({"queued > in_progress > succeeded": 2, "queued > in_progress > expired": 1})
MOCK_LIFE = LifeSeen(
    tasks=40,
    spans={
        "to queued": Span(40, 0.0, 0.0, 1.0),
        "to in_progress": Span(40, 2.0, 2.0, 606.0),
        "to succeeded": Span(30, 10.0, 10.0, 666.0),
    },
)
MOCK_LIFE.traces.update({"queued > in_progress > succeeded": 30, "queued": 10})


def finding(rule: str = "DR407", **facts: Any) -> DriftFinding:
    """A new word for the end of Wan's tasks."""
    found = all_rules()[rule]
    plain = DriftFinding(
        found,
        verdict_kinds()["provider_changed"],
        found.severity,
        Place("query", "wan", "ok", "*", "/status"),
        "completed",
        "say otherwise",
        "failed, in_progress, submitted, succeeded",
        "succeeded (6), in_progress (1)",
        "completed (6), in_progress (1)",
        Evidence(6, 8, (2,), answered({"status": "completed"})),
        "2025-12-22",
    )
    return replace(plain, **facts)


def acceptance(one: DriftFinding, **facts: Any) -> Acceptance:
    """An entry that covers a finding."""
    place = one.place
    plain = Acceptance(
        one.id,
        one.rule.id,
        place.operation,
        place.family,
        place.outcome,
        place.state,
        place.location,
        one.key,
        "the support told us",
        "video team",
        "2025-12-24",
        "2026-03-24",
        "breaking",
    )
    return replace(plain, **facts)


def drift_report(*findings: DriftFinding, accepted: Sequence[DriftFinding] = (), **facts: Any) -> DriftReport:
    """A report of three days ago; of the findings those that are ``accepted`` stand so, breaking ones of the rest gate."""
    ids = {one.id for one in accepted}
    stands = {
        one.id: Stand("accepted", acceptance(one)) if one.id in ids else Stand("new") for one in findings
    }
    gating = frozenset(one.id for one in findings if one.id not in ids and one.severity == "breaking")
    ending = (
        Ending(1, (f"{len(gating)} changes at or above breaking", "1 required cell not seen"))
        if gating
        else Ending(0, ())
    )
    plain = DriftReport(
        header=HEADER,
        end=END,
        exchanges=40,
        findings=findings,
        stands=stands,
        gating=gating,
        parity=(
            Parity("sora", 1999, 2000, 40, 12, 3),
            Parity("veo", 0, 0, 0, 0, 9),
            Parity("-", 8, 10, 4, 2, 0),
        ),
        lives={"wan": LIFE},
        mock_lives={"wan": MOCK_LIFE},
        unverified={"sora/query/ok/failed": "2025-12-22T08:00:00Z"},
        missing=(Cell("query wan succeeded", "a query of a Wan task that succeeded", 0, is_required=True),),
        unobservable={"429 from the gateway": 2},
        ending=ending,
        baseline=Dated("2025-12-22T08:00:00Z", "sha256:00aa", "https://provider.example", "0.1.0"),
        today=TODAY,
        record="out/record.ndjson",
    )
    return replace(plain, **facts)


FINDINGS = (
    finding(),
    finding("DR213", place=Place("query", "sora", "ok", "*", "/metadata/seconds"), key="string>integer"),
    finding("DR109", place=Place("*", "*", "*", "*", "header x-ratelimit"), key="", severity="info"),
    finding("DR201", place=Place("query", "veo+wan", "ok", "*", "/format"), key=""),
)
PLAIN = drift_report(*FINDINGS, accepted=FINDINGS[3:])
"""A change that fails the run, one that does not, one worth knowing, and one that is accepted."""

_cells = st.builds(Cell, hostile_texts, hostile_texts, st.just(0), is_required=st.just(value=True))
_seconds = st.floats(0, 1e6, allow_nan=False)
_counts = st.integers(1, 10**6)
_days = st.dates().map(lambda day: day.isoformat())
_places = st.builds(Place, *[hostile_texts] * 5)
_levels = st.sampled_from(LEVELS)
_spans = st.tuples(_counts, _seconds, _seconds, _seconds).map(lambda one: Span(one[0], *sorted(one[1:])))
_words = st.sampled_from(["to queued", "to in_progress", "to succeeded", "poll lag", "answer query"])
_names = _words | hostile_texts.map(lambda text: f"to {text}")
_traces = (
    st.lists(st.sampled_from(["queued", "in_progress", "succeeded", "failed"]) | hostile_texts, min_size=1)
    .filter(any)
    .map(" > ".join)
)
_lives = st.builds(
    LifeSeen,
    tasks=_counts,
    traces=st.dictionaries(_traces, _counts, max_size=3).map(lambda one: LifeSeen().traces + _counter(one)),
    spans=st.dictionaries(_names, _spans, max_size=3),
)
_parities = st.tuples(hostile_texts, st.integers(0, 9), *[st.integers(0, 2000)] * 4).map(
    lambda one: Parity(one[0], min(one[1], one[2]), *one[2:])
)


def _counter(counts: dict[str, int]) -> Any:
    found = LifeSeen().traces
    found.update(counts)
    return found


_evidence = st.builds(
    Evidence,
    _counts,
    _counts,
    st.lists(st.integers(1, 3), max_size=3).map(tuple),
    st.none() | exchanges(),
    st.sampled_from([None, True, False]),
)
hostile_findings = st.builds(
    DriftFinding,
    rule=st.sampled_from(list(all_rules().values())),
    verdict=st.sampled_from(list(verdict_kinds().values())),
    severity=_levels,
    place=_places,
    key=hostile_texts,
    docs=hostile_texts,
    mock=hostile_texts,
    baseline=hostile_texts,
    now=hostile_texts,
    evidence=_evidence,
    held_until=st.just("") | _days,
)


@st.composite
def hostile_drift_reports(draw: st.DrawFn) -> DriftReport:
    """A report in which every text that may come from a target, or from a file, is any text at all."""
    found = draw(st.lists(hostile_findings, max_size=3, unique_by=lambda one: one.id))
    fail_on = draw(st.sampled_from(FAIL_ON))
    stands = {one.id: draw(_stands(one)) for one in found}
    gating = frozenset(
        one.id
        for one in found
        if gates(one.severity, fail_on) and stands[one.id].standing != "accepted" and not one.flickered
    )
    ending = Ending(
        draw(st.sampled_from((0, *PRECEDENCE))), tuple(draw(st.lists(hostile_texts, max_size=2))), fail_on
    )
    notes = tuple(draw(st.lists(hostile_texts, max_size=1)))
    texts = st.dictionaries(hostile_texts, hostile_texts, max_size=2)
    return replace(
        PLAIN,
        header=replace(HEADER, target=draw(hostile_texts), plan=draw(hostile_texts)),
        end=draw(st.none() | st.just(replace(END, notes=notes))),
        findings=tuple(sorted(found, key=lambda one: stands[one.id].standing == "accepted")),
        stands=stands,
        gating=gating,
        parity=tuple(draw(st.lists(_parities, max_size=2))),
        lives=draw(st.dictionaries(hostile_texts, _lives, max_size=1)),
        mock_lives=draw(st.dictionaries(hostile_texts, _lives, max_size=1)),
        unverified=draw(texts),
        missing=tuple(draw(st.lists(_cells, max_size=1))),
        unobservable=draw(st.dictionaries(hostile_texts, _counts, max_size=2)),
        ending=ending,
        baseline=draw(st.none() | st.builds(Dated, hostile_texts, hostile_texts)),
        record=draw(hostile_texts),
        partial=draw(hostile_texts),
    )


def _stands(one: DriftFinding) -> st.SearchStrategy[Stand]:
    entries = st.builds(
        lambda reason, owner, expires: acceptance(one, reason=reason, owner=owner, expires=expires),
        hostile_texts.filter(bool),
        hostile_texts,
        _days,
    )
    held = st.builds(Stand, st.sampled_from(["accepted", "expired", "worse"]), entries)
    return st.just(Stand("new")) | held
