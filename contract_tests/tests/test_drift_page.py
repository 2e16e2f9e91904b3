"""The drift report's page, piece by piece: times on one scale, statuses by what they mean, and texts that stay texts."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drifts import LIFE, MOCK_LIFE, PLAIN, drift_report
from nebula_contract.drift.observation import Span
from nebula_contract.drift.reporting.page.bands import bands
from nebula_contract.drift.reporting.page.elements import Markup, element, joined
from nebula_contract.drift.reporting.page.page import page
from nebula_contract.drift.reporting.page.scale import Scale, scale_of, seconds_told
from nebula_contract.drift.reporting.page.timelines import MOST_TRACES, kind_of, steps_of, timelines
from nebula_contract.reports.summary import Ending

_seconds = st.floats(0, 1e6, allow_nan=False)
_spans = st.tuples(_seconds, _seconds, _seconds).map(lambda one: Span(1, *sorted(one)))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (0.004, "4 ms"), (5, "5.0 s"), (119.94, "119.9 s"), (125, "2 min 5 s"), (666, "11 min 6 s")],
)
def test_seconds_have_a_unit(seconds: float, told: str) -> None:
    assert seconds_told(seconds) == told


@given(st.lists(_spans, max_size=4), st.lists(_spans, max_size=4), _seconds)
def test_a_scale_holds_all_live_times_and_the_middle_of_the_mocks(
    live: list[Span], mock: list[Span], seconds: float
) -> None:
    """One scale for both sides; what the mock does slowly on purpose does not squeeze the rest to nothing."""
    scale = scale_of(live, mock)
    assert not any(scale.cuts(one.most) for one in live)
    assert not any(scale.cuts(one.middle) for one in mock)
    assert 0 <= scale.at(seconds) <= 100
    assert scale.at(0) == 0


def test_a_trace_is_drawn_from_the_submit_in_its_order() -> None:
    steps = steps_of("queued > in_progress > succeeded", LIFE.spans)
    assert [(one.status, one.kind, one.start) for one in steps] == [
        ("queued", "waits", 0.25),
        ("in_progress", "runs", 5.0),
        ("succeeded", "good", 95.0),
    ]


def test_a_status_without_a_time_begins_with_the_one_before_and_says_so() -> None:
    """As when it comes again, or when the spans are of other tasks."""
    again = steps_of("queued > in_progress > queued", LIFE.spans)
    assert [one.start for one in again] == [0.25, 5.0, 5.0]
    assert again[2].span is None
    assert "expired at a time not known" in timelines(PLAIN)


@given(st.lists(st.sampled_from(["queued", "in_progress", "succeeded", "x"]), min_size=1), _spans, _spans)
def test_a_trace_never_goes_back_in_time(words: list[str], first: Span, second: Span) -> None:
    steps = steps_of(" > ".join(words), {"to queued": first, "to in_progress": second})
    starts = [one.start for one in steps]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("queued", "waits"),
        ("unknown", "waits"),
        ("in_progress", "runs"),
        ("failed", "bad"),
        ("succeeded", "good"),
        ("completed", "new"),
        ("SUCCEEDED", "new"),
    ],
)
def test_a_status_is_coloured_by_what_the_contract_knows_of_it(status: str, kind: str) -> None:
    assert kind_of(status) == kind


def test_live_stands_above_mock_on_the_same_scale() -> None:
    told = timelines(PLAIN)
    assert told.index(">live<") < told.index(">mock<")
    starts = re.findall(r'class="end good" x="([\d.]+)%"', told)
    scale = Scale(140.0 * 1.35)
    assert [float(one) for one in starts] == [
        pytest.approx(scale.at(one), abs=0.01)
        for one in (LIFE.spans["to succeeded"].middle, MOCK_LIFE.spans["to succeeded"].middle)
    ]


@pytest.mark.parametrize(("kind", "label"), [("mock", "run at a mock"), ("url", "run at a server")])
def test_a_run_that_was_not_live_is_not_called_live(kind: Any, label: str) -> None:
    report = replace(PLAIN, header=replace(PLAIN.header, kind=kind))
    for told in (timelines(report), bands(report)):
        assert label in told
        assert re.findall(r">[^<>]*\blive\b[^<>]*<|aria-label=\"live", told) == []


def test_a_side_of_many_traces_says_how_many_it_leaves_out() -> None:
    many = type(LIFE)(tasks=20, spans=LIFE.spans)
    many.traces.update({f"queued > word-{number}": 1 for number in range(MOST_TRACES + 3)})
    assert "and 3 other traces" in timelines(drift_report(lives={"wan": many}))


def test_bands_stand_with_their_numbers_and_samples() -> None:
    told = bands(PLAIN)
    for part in ("80.0 s to 2 min 20 s, median 95.0 s", "10.0 s to 11 min 6 s, median 10.0 s", "not seen"):
        assert part in told
    assert "<td>30</td>" in told
    assert told.count('class="beyond"') == 3  # each mock band goes on beyond 1.35 times the longest live one


@given(st.text())
def test_a_text_is_never_markup(text: str) -> None:
    made = element("p", text, title=text, hidden=False)
    assert re.fullmatch(r'<p title="[^"<>]*">[^<>"]*</p>', made)
    assert joined(Markup("<b>"), text).startswith("<b>")


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(0, "Nothing to act on"), (1, "Drift"), (3, "Inconclusive"), (4, "Not all"), (130, "Interrupted")],
)
def test_the_headline_says_how_it_ended_and_why(code: int, verdict: str) -> None:
    told = page(drift_report(ending=Ending(code, ("because of <b>that</b>",))))
    head = told[: told.index("</header>")]
    assert verdict in head
    assert "because of &lt;b&gt;that&lt;/b&gt;" in head
    assert f"Exit code {code}" in head


def test_the_page_forbids_everything_but_its_own_style() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page(PLAIN))
    assert policy
    assert re.fullmatch(
        r"default-src &#x27;none&#x27;; style-src &#x27;sha256-[A-Za-z0-9+/=]{44}&#x27;; "
        r"base-uri &#x27;none&#x27;; form-action &#x27;none&#x27;",
        policy[1],
    )
    assert "@import" not in page(PLAIN)
    assert "url(" not in page(PLAIN)
