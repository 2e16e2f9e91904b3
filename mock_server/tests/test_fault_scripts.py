"""Promises of fault scripts: each step meets one request, in order, and all of it can be proved."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock import MockServer
from nebula_mock.core.faults import FAULTS, fault_from
from nebula_mock.core.scripts import MOST_SCRIPTS, Scripts, ScriptsError
from nebula_mock.core.steps import StepError, step_of_text
from nebula_mock.faults_view import FaultsNotMetError
from nebula_mock.script_reading import ScriptError, script_in
from nebula_schemas import contract, problem_table
from raw_exchange import GENERATIONS, SORA, VEO, exchange, queried, submitted

NEVER = f"{GENERATIONS}/video_never"


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A mock whose clock is moved by hand."""
    with MockServer(clock="manual") as started:
        yield started


def statuses(mock: MockServer, count: int, key: str = "sk-test") -> list[int]:
    """What so many queries are answered with; 0 for nothing."""
    seen = [exchange(mock, "GET", NEVER, key=key) for _ in range(count)]
    return [one.status if one.head else 0 for one in seen]


def test_each_request_takes_the_next_step_and_then_all_is_as_before(mock: MockServer) -> None:
    script = mock.faults.script("query", ["http 503", "reset", "ok", "rate-limited"])
    assert statuses(mock, 2) == [503, 0]
    assert (script.completed, [step.told for step in script.left]) == (False, ["ok", "rate-limited"])
    assert statuses(mock, 4) == [404, 429, 404, 404]
    assert (script.completed, script.left) == (True, ())
    assert [fired.did for fired in script.fired] == [True] * 4
    assert mock.faults.verify().verified


def test_a_step_names_the_request_that_it_met_though_its_answer_was_lost(mock: MockServer) -> None:
    script = mock.faults.script("submit", ["lost-answer"])
    exchange(mock, "POST", GENERATIONS, SORA)
    (entry,) = mock.journal
    assert (entry.ended, entry.bytes_sent) == ("reset", 0)
    assert [fired.request_id for fired in script.fired] == [entry.request_id]
    assert entry.faults[0] == {
        "script": script.id, "step": 0, "rules": [], "fault": "lost-answer", "delay_s": 0.0, "did": True,
    }  # fmt: skip


def test_the_older_script_is_used_up_first(mock: MockServer) -> None:
    mock.faults.script("query", ["http 501"])
    mock.faults.script("any", ["http 502", "http 505"])
    assert exchange(mock, "POST", GENERATIONS, SORA).status == 502
    assert statuses(mock, 3) == [501, 505, 404]


@pytest.mark.parametrize(
    ("match", "meets"),
    [
        ({"model": "veo-*"}, [False, True]),
        ({"family": "sora"}, [True, False]),
        ({"prompt": "cat"}, [True, True]),
        ({"prompt": "dog"}, [False, False]),
        ({"header": {"name": "content-type", "value": "*json"}}, [True, True]),
        ({"account": "sk-other"}, [False, False]),
    ],
)
def test_a_script_meets_only_what_it_is_for(
    mock: MockServer, match: dict[str, Any], meets: list[bool]
) -> None:
    mock.faults.script("submit", ["http 503"] * 9, match=match)
    met = [exchange(mock, "POST", GENERATIONS, value).status == 503 for value in (SORA, VEO)]
    assert met == meets


def test_a_script_can_be_for_one_task(mock: MockServer) -> None:
    first, second = submitted(mock), submitted(mock)
    mock.faults.script("query", ["http 503"], match={"task_id": second})
    assert (queried(mock, first).status, queried(mock, second).status) == (200, 503)


def test_a_script_of_an_account_meets_no_other(mock: MockServer) -> None:
    mine, other = mock.account("sk-mine"), mock.account("sk-other")
    mine.faults.script("query", ["http 503"])
    assert statuses(mock, 1, "sk-other") == [404]
    assert (len(mine.faults), len(other.faults), len(mock.faults)) == (1, 0, 1)
    assert statuses(mock, 1, "sk-mine") == [503]
    mine.faults.verify()


def test_a_script_comes_before_the_scenario_and_its_ok_is_ok(mock: MockServer) -> None:
    rule = {"name": "busy", "fault": {"fault": "http", "status": 500}}
    mock.use({"description": "Down.", "rules": [rule]})
    mock.faults.script("query", ["ok", "http 503"])
    assert statuses(mock, 3) == [404, 503, 500]
    assert mock.faults.unscripted == {"busy": 1}
    with pytest.raises(
        FaultsNotMetError, match="Beside the scripts, rules of the scenario fired: busy 1 times"
    ):
        mock.faults.verify()
    assert mock.faults.verify(allow_unscripted=True).unscripted == {"busy": 1}


def test_what_was_not_met_is_told_step_by_step(mock: MockServer) -> None:
    mock.faults.script("query", ["http 503", {"fault": "reset", "at_bytes": 9}, "ok"])
    statuses(mock, 1)
    told = "script-1 for query: 1 of 3 steps met a request; left: {'fault': 'reset', 'at_bytes': 9}, 'ok'."
    with pytest.raises(FaultsNotMetError, match=re.escape(told)):
        mock.faults.verify()
    assert mock.faults.clear() == 1
    assert mock.faults.verify().in_words() == "Every scripted fault was met: 0 steps of 0 scripts."


def test_a_delay_waits_on_the_clock_and_is_released_by_an_advance(mock: MockServer) -> None:
    mock.faults.script("query", ["delay 600", {"delay": 5, "fault": {"fault": "http", "status": 502}}])
    seen: list[int] = []
    asker = threading.Thread(target=lambda: seen.extend(statuses(mock, 1)))
    asker.start()
    while asker.is_alive() and not mock.faults.met.scripts[0].fired:
        asker.join(0.01)
    mock.advance(600)
    asker.join(10)
    assert seen == [404]


def test_many_clients_at_once_share_a_script_step_by_step(mock: MockServer) -> None:
    """Every step meets exactly one of the requests, whoever makes them."""
    script = mock.faults.script("query", ["http 503"] * 40)
    seen: list[int] = []
    askers = [threading.Thread(target=lambda: seen.extend(statuses(mock, 6))) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert (seen.count(503), seen.count(404)) == (40, 8)
    assert sorted(fired.step for fired in script.fired) == list(range(40))
    assert len({fired.request_id for fired in script.fired}) == 40


TEXTS = {
    "ok": {},
    "  ok ": {},
    "http 503": {"fault": "http", "status": 503},
    "http 504 done": {"fault": "http", "status": 504, "done": True},
    "reset": {"fault": "reset"},
    "reset after 1024": {"fault": "reset", "at_bytes": 1024},
    "reset after 1024 bytes": {"fault": "reset", "at_bytes": 1024},
    "reset at 25%": {"fault": "reset", "at_fraction": 0.25},
    "empty": {"fault": "empty"},
    "truncate at 50%": {"fault": "truncate", "at_fraction": 0.5},
    "truncate at 10": {"fault": "truncate", "at_bytes": 10},
    "stall at 1024": {"fault": "stall", "at_bytes": 1024},
    "stall at 1024 for 30": {"fault": "stall", "at_bytes": 1024, "for_s": 30},
    "stall at 5% for 0.5 s": {"fault": "stall", "at_fraction": 0.05, "for_s": 0.5},
    "drip 200/s": {"fault": "drip", "bytes_per_s": 200},
    "bandwidth 100000/s": {"fault": "bandwidth", "bytes_per_s": 100_000},
    "delay 2": {"delay": 2},
    "delay 0.5s": {"delay": 0.5},
    "missing-field status": {"fault": "missing-field", "path": "status"},
    "missing field": {"fault": "missing-field"},
    "wrong-size -1": {"fault": "wrong-size", "off_by": -1},
    "rate-limited": {"fault": "problem", "id": "rate-limited"},
    "rate limited": {"fault": "problem", "id": "rate-limited"},
    "problem unknown-task": {"fault": "problem", "id": "unknown-task"},
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_stands_for_a_fault(text: str) -> None:
    assert step_of_text(text) == TEXTS[text]


@pytest.mark.parametrize("name", [*FAULTS, *problem_table()])
def test_every_fault_and_every_row_of_the_error_table_is_a_step_by_its_name(name: str) -> None:
    meant = step_of_text(name)
    assert contract().violations("files/fault", meant) == ()
    assert fault_from(meant).kind == meant["fault"]
    script_in({"operation": "any", "steps": [name, meant]})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (
            {"operation": "query", "steps": ["rset"]},
            "$.steps[0]: found 'rset', expected a step such as ok, http 503",
        ),
        ({"operation": "query", "steps": ["ok", "rset"]}, "$.steps[1]: found 'rset'"),
        ({"operation": "query", "steps": ["rset"]}, "Did you mean 'reset'?"),
        (
            {"operation": "query", "steps": ["http 999"]},
            "$.steps[0]: found 'http 999', of which status is 999",
        ),
        ({"operation": "query", "steps": ["truncate at 150%"]}, "at_fraction is 1.5, expected at most 1"),
        ({"operation": "query", "steps": ["gzip 9"]}, "expected gzip alone, or as an object"),
        ({"operation": "query", "steps": ["wrong-size big"]}, "expected wrong-size and a whole number"),
        ({"operation": "poll", "steps": ["ok"]}, "$.operation"),
        ({"operation": "query", "steps": []}, "$.steps"),
        ({"operation": "query", "steps": "ok"}, "$.steps"),
        ({"operation": "query", "steps": [{"fault": "rest"}]}, 'Did you mean "reset"?'),
        ({"operation": "query", "steps": [503]}, "$.steps[0]"),
        ({"operation": "query", "steps": ["ok"], "match": {"nth": 1}}, "$.match"),
        ({"steps": ["ok"]}, "operation"),
    ],
)
def test_what_is_no_script_is_told_by_place_and_nothing_waits(value: dict[str, Any], told: str) -> None:
    with pytest.raises(ScriptError, match=re.escape(told)):
        script_in(value)


@given(text=st.text(max_size=40))
def test_any_text_is_a_step_or_an_error_that_says_what_one_is(text: str) -> None:
    try:
        told: Any = step_of_text(text)
    except StepError as error:
        told = str(error)
    if isinstance(told, str):
        assert "expected" in told
    else:
        assert told.keys() <= {"delay"} or told["fault"] in FAULTS


def test_there_is_room_for_a_thousand_scripts() -> None:
    scripts = Scripts()
    match, steps, told = script_in({"operation": "query", "steps": ["ok"]})
    for _ in range(MOST_SCRIPTS):
        scripts.add(match, steps, told)
    with pytest.raises(ScriptsError, match="delete some"):
        scripts.add(match, steps, told)
    assert scripts.forget() == MOST_SCRIPTS


def test_over_the_admin_api_a_script_is_given_looked_at_and_taken_back(mock: MockServer) -> None:
    value = {"operation": "query", "steps": ["http 503", "ok"], "match": {"account": "sk-test"}}
    made = exchange(mock, "POST", "/_mock/faults", value)
    script = made.json()
    assert (made.status, script["id"], script["completed"]) == (201, "script-1", False)
    assert "sk-test" not in made.body.decode()
    statuses(mock, 1)
    state = exchange(mock, "GET", "/_mock/faults/script-1").json()
    assert (state["left"], state["completed"], state["fired"][0]["did"]) == (1, False, True)
    everything = exchange(mock, "GET", "/_mock/faults").json()
    assert (everything["verified"], everything["scripts"]) == (False, [state])
    assert "1 of 2 steps met a request" in everything["detail"]
    assert contract().violations("admin/fault-script-state", state) == ()
    assert contract().violations("admin/fault-scripts", everything) == ()
    gone = exchange(mock, "DELETE", "/_mock/faults/script-1")
    assert (gone.status, gone.json()) == (200, state)
    missing = exchange(mock, "GET", "/_mock/faults/script-1")
    assert (missing.status, missing.header("Content-Type")) == (404, "application/problem+json")
    assert "GET /_mock/faults lists" in missing.json()["detail"]


def test_over_the_admin_api_what_is_no_script_is_a_problem_that_says_why(mock: MockServer) -> None:
    refused = exchange(mock, "POST", "/_mock/faults", {"operation": "query", "steps": ["rset", "http 9"]})
    assert (refused.status, refused.header("Content-Type")) == (400, "application/problem+json")
    detail = refused.json()["detail"]
    assert "$.steps[0]" in detail
    assert "$.steps[1]" in detail
    assert exchange(mock, "GET", "/_mock/faults").json()["scripts"] == []


def test_over_the_admin_api_a_script_can_be_for_one_account(mock: MockServer) -> None:
    exchange(mock, "POST", "/_mock/faults?account=sk-mine", {"operation": "query", "steps": ["http 503"]})
    assert statuses(mock, 1, "sk-other") == [404]
    assert statuses(mock, 1, "sk-mine") == [503]
    assert exchange(mock, "GET", "/_mock/faults?account=sk-mine").json()["verified"]
    assert exchange(mock, "GET", "/_mock/faults?account=sk-other").json()["scripts"] == []
