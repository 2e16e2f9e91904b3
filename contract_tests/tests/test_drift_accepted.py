"""Acceptances: none hides too much, none outlives its day, and only what is no longer so is dropped."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acceptances import QUERY, TODAY, URL, accepted, finding
from nebula_contract.drift.accepted import (
    DEFAULT_DAYS,
    LONGEST_DAYS,
    Acceptance,
    AcceptError,
    acceptance_of,
    pruned,
    read_accepted,
    stand_of,
    with_entry,
    write_accepted,
)
from nebula_contract.drift.finding import DriftFinding, Place, drift_id
from nebula_contract.drift.looked import looked_places
from nebula_contract.drift.observation import Observations, RequestsSeen
from nebula_contract.judging.findings import LEVELS, Level
from nebula_contract.reviewed import text_of
from nebula_schemas import contract
from observations import any_observations, observations

_parts = st.sampled_from(["", "*", "query", "submit", "wan", "sora", "sora+wan", "ok", "failed+succeeded"])
places = st.builds(Place, _parts, _parts, _parts, _parts, st.sampled_from(["/url", "/status", ""]))
findings = st.builds(
    finding, st.sampled_from(["DR201", "DR205", "DR217", "NC405"]), places, st.sampled_from(["", "paused"]),
    severity=st.sampled_from(LEVELS),
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(findings, max_size=6))
def test_acceptances_come_back_sorted_and_each_finding_has_one(
    found: list[DriftFinding], tmp_path: Path
) -> None:
    path = tmp_path / "accepted.json"
    made: tuple[Acceptance, ...] = ()
    for one in found:
        made = with_entry(made, accepted(one))
    write_accepted(path, [*reversed(made)])
    document = json.loads(path.read_bytes())
    assert contract().violations("files/accepted", document) == ()
    assert read_accepted(path) == made
    order = [(one.rule, one.operation, one.family, one.location, one.id) for one in made]
    assert order == sorted(order)
    assert {one.id for one in made} == {one.id for one in found}
    assert len(made) == len({one.id for one in found})


def test_a_later_acceptance_takes_the_place_of_the_older() -> None:
    (only,) = with_entry([accepted()], accepted(reason="known better"))
    assert only.reason == "known better"


@pytest.mark.parametrize("rule", ["DR411", "DR412", "DR413", "DR414"])
def test_a_matter_of_time_alone_is_never_accepted(rule: str) -> None:
    with pytest.raises(AcceptError, match=f"{rule} is a matter of time alone, and is never accepted"):
        accepted(finding(rule))


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"reason": ""}, "found no reason, expected a sentence"),
        ({"reason": " \n"}, "--reason: found no reason, expected a sentence"),
        ({"reason": "as sk-canary0123 told"}, r"--reason: found a key.*\(as \[hidden\] told\), expected words"),
        ({"reason": "see https://u:canary@h.example/a"}, r"--reason: found .*\(see https://\[hidden\]@h"),
        ({"owner": "sk-canary0123"}, r"--owner: found a key.*\(\[hidden\]\), expected words"),
        ({"expires": TODAY - timedelta(1)}, "--expires: found 2027-02-28, expected a day from today on and within 366 days"),
        ({"expires": TODAY + timedelta(LONGEST_DAYS + 1)}, "expected a day from today on and within 366 days"),
        ({"max_severity": "risky"}, "--max-severity: found risky, expected breaking or worse"),
    ],
)  # fmt: skip
def test_an_acceptance_needs_a_reason_a_day_and_a_severity_that_covers_it(
    facts: dict[str, Any], told: str
) -> None:
    plain: dict[str, Any] = {
        "reason": "known",
        "owner": "",
        "today": TODAY,
        "expires": None,
        "max_severity": None,
    }
    arguments = {**plain, **facts}
    with pytest.raises(AcceptError, match=told):
        acceptance_of(finding(), arguments.pop("reason"), **arguments)


CANARY = "sk-canary0123456789"


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (URL, f"error.code {CANARY}"),
        (URL, f"https://u:{CANARY}@results.example/a?sig={CANARY}"),
        (replace(URL, location=f"/{CANARY}/a"), ""),
        (replace(URL, state=f"succeeded+by {CANARY}"), ""),
    ],
)
def test_an_acceptance_holds_no_secret_and_covers_its_finding_all_the_same(place: Place, key: str) -> None:
    one = finding(place=place, key=key)
    entry = accepted(one)
    assert CANARY not in text_of({"entries": [repr(entry)]})
    assert stand_of(one, [entry], TODAY).standing == "accepted"
    as_before = replace(entry, key=key, location=place.location, state=place.state)
    assert stand_of(one, [as_before], TODAY).standing == "accepted"
    other = replace(one, key=f"{key}x", place=replace(place, location=f"{place.location}/b"))
    assert stand_of(other, [entry], TODAY).standing == "new"
    looked = [replace(URL, location="", state=state) for state in place.state.split("+")]
    assert pruned([entry], [one], looked) == ((entry,), ())
    assert pruned([entry], [], looked) == ((), (entry,))


def test_an_acceptance_holds_for_90_days_and_for_no_worse_where_nothing_is_said() -> None:
    one = finding(severity="risky")
    entry = acceptance_of(one, " known\n", owner=" api ", today=TODAY, expires=None, max_severity=None)
    assert (entry.reason, entry.owner, entry.max_severity) == ("known", "api", "risky")
    assert date.fromisoformat(entry.expires) - date.fromisoformat(entry.accepted) == timedelta(DEFAULT_DAYS)
    assert (entry.id, entry.place) == (drift_id("DR205", URL, ""), URL)
    for days in (0, LONGEST_DAYS):
        until = TODAY + timedelta(days)
        made = acceptance_of(one, "known", owner="", today=TODAY, expires=until, max_severity="breaking")
        assert stand_of(one, [made], until).standing == "accepted"
        assert stand_of(one, [made], until + timedelta(1)).standing == "expired"


def test_how_a_finding_stands() -> None:
    one, risky = finding(), accepted(max_severity="risky")
    old = accepted(expires=(TODAY - timedelta(1)).isoformat())
    assert stand_of(one, [], TODAY).standing == "new"
    assert (
        stand_of(one, [accepted(rule="DR201"), accepted(key="a"), accepted(location="/a")], TODAY).standing
        == "new"
    )
    for those, standing, entry in (
        ([accepted()], "accepted", accepted()),
        ([old], "expired", old),
        ([risky], "worse", risky),
        ([risky, old], "expired", old),
        ([risky, old, accepted()], "accepted", accepted()),
    ):
        stand = stand_of(one, those, TODAY)
        assert (stand.standing, stand.entry) == (standing, entry)


@given(findings, places)
def test_a_wider_entry_covers_a_narrower_finding_and_never_the_other_way(
    one: DriftFinding, wider: Place
) -> None:
    wide = replace(one, place=wider)
    stands = (
        stand_of(one, [accepted(wide)], TODAY).standing,
        stand_of(wide, [accepted(one)], TODAY).standing,
    )
    expected = (wider.covers(one.place), one.place.covers(wider))
    assert stands == tuple("accepted" if covers else "new" for covers in expected)
    if one.place != wider and wider.operation == wider.family == wider.outcome == wider.state == "*":
        assert stands == (("accepted", "new") if wider.location == one.place.location else ("new", "new"))


@given(findings, st.sampled_from(LEVELS))
def test_no_entry_hides_what_is_worse_than_it_allows(one: DriftFinding, most: Level) -> None:
    is_worse = LEVELS.index(one.severity) > LEVELS.index(most)
    stand = stand_of(one, [replace(accepted(one), max_severity=most)], TODAY)
    assert stand.standing == ("worse" if is_worse else "accepted")


# Pruning

NOW = observations(
    {
        QUERY: {"answer": {"200 task": 1}},
        "wan/query/ok/-": {"answer": {"200 task": 1}},
        "-/query/unknown-task/-": {},
    },
    checks={"NC405": 2},
    broken={"NC301 query wan /status"},
    variants={"Veo's result": Counter(url=1)},
    requests={
        "wan": RequestsSeen(Counter({"duration=5": 2}), [(frozenset({"duration=8"}), "400 e1 -/-", 7)])
    },
)
SENT = Place("submit", "wan", "ok", "", "duration=5")


@pytest.mark.parametrize(
    ("one", "is_dropped"),
    [
        (finding(), True),
        (finding(place=replace(URL, operation="*", family="*", outcome="*", state="*")), True),
        (finding(place=replace(URL, state="failed")), False),
        (finding(place=replace(URL, family="sora")), False),
        (finding(place=replace(URL, family="sora+wan")), False),
        (finding(place=replace(URL, state="failed+succeeded")), False),
        (finding(place=replace(URL, operation="download", state="")), False),
        (finding(place=replace(URL, outcome="unknown-task", family="", state="")), True),
        (finding("NC405", replace(URL, outcome="", state="")), True),
        (finding("NC301", replace(URL, outcome="", state="")), True),
        (finding("NC406", replace(URL, outcome="", state="")), False),
        (finding("DR309", SENT, "duration=5"), True),
        (finding("DR309", replace(SENT, location="duration=8"), "duration=8"), True),
        (finding("DR309", replace(SENT, location="duration=10"), "duration=10"), False),
        (finding("DR309", replace(SENT, family="sora+wan"), "duration=5"), False),
        (finding("DR311", replace(SENT, location="every request"), "every request"), True),
        (finding("DR311", replace(SENT, family="veo", location="every request"), "every request"), False),
        (finding("DR601", Place("run", "", "", "", "Veo's result"), "url"), True),
        (finding("DR490", Place("run", "", "", "", ""), "NC405"), True),
        (finding("DR490", Place("run", "", "", "", ""), "NC301"), True),
        (finding("DR490", Place("run", "", "", "", ""), "NC406"), False),
    ],
    ids=lambda one: f"{one.rule.id}-{one.place.family}-{one.place.state}-{one.key}" if isinstance(one, DriftFinding) else "",
)  # fmt: skip
@pytest.mark.parametrize("days", [-1, 30])
def test_only_what_was_looked_at_and_is_no_longer_so_is_dropped(
    one: DriftFinding, days: int, *, is_dropped: bool
) -> None:
    """Whether or not its day is past."""
    entry = accepted(one, expires=(TODAY + timedelta(days)).isoformat())
    looked = [*looked_places(NOW)]
    assert pruned([entry], [], looked) == (((), (entry,)) if is_dropped else ((entry,), ()))
    assert pruned([entry], [one], looked) == ((entry,), ())
    assert pruned([entry], [], []) == ((entry,), ())


def test_an_entry_stays_for_any_part_of_it_that_is_still_so() -> None:
    wide = accepted(finding(place=replace(URL, family="*", state="*")))
    assert pruned([wide], [finding()], looked_places(NOW)) == ((wide,), ())


@settings(max_examples=40)
@given(st.lists(findings, max_size=5), st.lists(findings, max_size=5), any_observations())
def test_pruning_drops_nothing_that_is_needed_and_loses_nothing(
    old: list[DriftFinding], found: list[DriftFinding], now: Observations
) -> None:
    those = tuple(accepted(one) for one in old)
    kept, dropped = pruned(those, found, looked_places(now))
    assert sorted([*kept, *dropped], key=repr) == sorted(those, key=repr)
    for one in found:
        assert stand_of(one, kept, TODAY) == stand_of(one, those, TODAY)
