"""What a provider may do to a live run: nothing makes it spend more than its cap, or send a submit twice."""

import itertools
import os
import signal
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from client_trials.raw_provider import Peer, Play, hangs, resets, says
from client_trials.raw_provider import answer as typed_answer
from nebula_contract.live.ledger import Ledger
from nebula_contract.live.ledger_lines import Entry
from spending import (
    ACCEPTED,
    OWN,
    REDUCED,
    SECOND,
    TASK_ID,
    Hours,
    Kept,
    Spending,
    counted,
    plan_file,
    provider,
    responds,
    run,
    said,
    task,
)


def entries(folder: Path) -> tuple[Entry, ...]:
    """What the ledger says."""
    return Ledger(folder / "ledger.ndjson").read().entries


def outcomes(folder: Path) -> list[str]:
    """The outcome of each entry."""
    return [entry.outcome for entry in entries(folder)]


def redirect(status: int, to: str) -> bytes:
    return typed_answer(status, b"", f"Location: {to}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("of", ["submit", "query"])
def test_a_redirect_is_followed_by_nobody_and_ends_its_class(status: int, of: str, tmp_path: Path) -> None:
    with Spending(says(b"")) as elsewhere:
        moved = redirect(status, f"{elsewhere.url}/v1/video/generations")
        with provider(moved) if of == "submit" else provider(ACCEPTED, moved) as target:
            end = run(tmp_path, target.url, plan_file(tmp_path))
        assert elsewhere.connections == 0
    assert len(target.submits) == 1
    assert end.exit_code == 3
    asked = [request for request in target.requests if TASK_ID.encode() in request]
    assert len(asked) == (0 if of == "submit" else 1)


@pytest.mark.parametrize(
    ("play", "outcome"),
    [
        (resets(), "unknown"),
        (resets(b"HTTP/1.1 200 OK\r\nContent-Le"), "unknown"),
        (says(b""), "unknown"),
        (says(b"\x00\x01 this is no HTTP\r\n\r\n"), "unknown"),
        (says(ACCEPTED[:-30]), "unknown"),
        (said(200, {}), "unknown"),
        (said(200, {"task_id": 5}), "unknown"),
        (said(500, {"error": {"message": "no", "type": "server_error", "code": "x"}}), "unknown"),
        (said(502, {}), "unknown"),
        (said(408, {"error": {"message": "no", "type": "t", "code": "x"}}), "unknown"),
        (typed_answer(400, b"<html>Bad Request</html>", "Content-Type: text/html"), "unknown"),
        (typed_answer(503, b"<html>Busy</html>", "Content-Type: text/html"), "unknown"),
        (said(503, {"error": {"message": "no", "type": "nebula_api_error", "code": "model_not_found"}}), "refused"),
        (said(429, {"error": {"message": "no", "type": "rate_limit_error", "code": "x"}}, "Retry-After: 1"), "refused"),
        (said(200, {"error": {"message": "no", "type": "t", "code": "x"}}), "refused"),
        (said(400, {"code": "invalid_request", "message": "no", "data": None}), "refused"),
        (redirect(307, "https://elsewhere.example"), "unknown"),
        (said(500, {"task_id": TASK_ID, "status": "submitted"}), "accepted"),
        (said(200, {"id": TASK_ID}), "accepted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_submit_is_sent_once_and_counts_unless_it_was_surely_refused(
    play: bytes | Play, outcome: str, tmp_path: Path
) -> None:
    with provider(play) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path))
    assert len(target.submits) == 1
    assert outcomes(tmp_path) == [outcome]
    assert counted(tmp_path) == ("0" if outcome == "refused" else "0.40")
    assert end.reserved_usd == Decimal(counted(tmp_path))
    assert end.exit_code == 3


def test_a_submit_without_an_answer_counts_for_ever(tmp_path: Path) -> None:
    plan = plan_file(tmp_path)
    with provider(hangs()) as target:
        run(tmp_path, target.url, plan, timeout=1.0)
        again = run(tmp_path, target.url, plan, max_spend="0.79", max_spend_day="0.79")
    assert len(target.submits) == 1
    assert "the cap is 0.79" in dict(again.unseen)["job/sora/submit"]


def test_nothing_counts_where_nobody_listens(tmp_path: Path) -> None:
    with provider() as target:
        url = target.url
    end = run(tmp_path, url, plan_file(tmp_path))
    assert (outcomes(tmp_path), str(end.reserved_usd)) == (["not-sent"], "0")


@pytest.mark.parametrize(
    ("status", "outcome", "spent", "counts"), [("succeeded", "succeeded", "0.40", "0.40"), ("failed", "failed", "0", "0")]
)  # fmt: skip
def test_a_task_that_failed_is_given_back_once_that_was_seen(
    status: str, outcome: str, spent: str, counts: str, tmp_path: Path
) -> None:
    with provider(ACCEPTED, task(status)) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path))
    assert outcomes(tmp_path) == [outcome]
    assert (str(end.spent_usd), counted(tmp_path)) == (spent, counts)
    assert entries(tmp_path)[0].task_id == TASK_ID


@pytest.mark.parametrize("cap", ["0", "0.39", "0.05"])
def test_a_cap_below_the_price_sends_no_submit(cap: str, tmp_path: Path) -> None:
    with provider() as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), max_spend=cap)
    assert (target.submits, len(target.asked) > 10, end.exit_code) == ([], True, 3)


@pytest.mark.parametrize(
    ("cap", "submits"), [("0.05", 0), ("0.06", 1), ("0.25", 2), ("0.65", 3), ("1.24", 3), ("1.2421", 4)]
)
def test_families_are_paid_as_far_as_the_cap_goes_the_cheapest_first(
    cap: str, submits: int, tmp_path: Path
) -> None:
    with provider(ACCEPTED, task("succeeded")) as target:
        run(tmp_path, target.url, plan_file(tmp_path, families=()), max_spend=cap)
    assert len(target.submits) == submits
    assert Decimal(counted(tmp_path)) <= Decimal(cap)


@pytest.mark.parametrize("cap", ["0", "0.40", "1.20", "2", "9.99"])
def test_a_provider_that_accepts_what_it_must_refuse_is_stopped_class_by_class(
    cap: str, tmp_path: Path
) -> None:
    """Whatever is wrong with a body, it was reserved in full before it was sent."""
    plan = plan_file(tmp_path, families=(), probes_rejections=True, under_funded=True)
    with provider(ACCEPTED, task("queued")) as target:
        keys = {"NEBULA_API_KEY": OWN, "NEBULA_REDUCED_API_KEY": REDUCED}
        end = run(tmp_path, target.url, plan, max_spend=cap, environment=keys, deadline=60.0)
    assert Decimal(counted(tmp_path)) <= Decimal(cap)
    assert len(target.submits) == len(entries(tmp_path))
    assert sum(name.startswith("under-funded") for name in end.surprises) <= 1
    assert len({name.split("/")[1] for name in end.surprises}) == len(end.surprises)
    assert bool(end.surprises) == (cap != "0")


def test_a_provider_that_needs_no_key_is_told_and_costs_nothing(tmp_path: Path) -> None:
    with Spending(responds(lambda *_: ACCEPTED)) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), max_spend="0")
    assert "free/no-key/two-defects" in end.surprises
    assert (target.submits, str(end.reserved_usd)) == ([], "0")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_ends_the_run_before_anything_is_paid(status: int, tmp_path: Path) -> None:
    refusal = said(status, {"error": {"message": "no", "type": "t", "code": "c"}})
    with Spending(responds(lambda *_: refusal)) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path))
    assert (end.reason, target.submits, end.exit_code) == ("infra", [], 3)
    assert str(status) in end.told


def test_no_balance_ends_the_run(tmp_path: Path) -> None:
    with provider(said(403, {"code": "quota_not_enough", "message": "no", "data": None})) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path, families=()), max_spend="5")
    assert (end.reason, len(target.submits), counted(tmp_path)) == ("infra", 1, "0")


def test_a_second_key_that_is_refused_costs_only_its_own_cases(tmp_path: Path) -> None:
    def respond(method: str, _path: str, request: bytes) -> bytes:
        if OWN.encode() not in request:
            return said(401, {"error": {"message": "no", "type": "t", "code": "c"}})
        return ACCEPTED if method == "POST" else task("succeeded")

    with Spending(responds(respond)) as target:
        keys = {"NEBULA_API_KEY": OWN, "NEBULA_SECOND_API_KEY": SECOND}
        end = run(tmp_path, target.url, plan_file(tmp_path), environment=keys)
    assert end.reason == "done"
    assert sum(SECOND.encode() in request for request in target.requests) == 1
    assert "job/sora/query-with-second-key-early" in dict(end.left_out)


def test_a_read_comes_back_when_it_is_told_and_no_earlier(tmp_path: Path) -> None:
    busy = said(429, {"error": {"message": "no", "type": "t", "code": "c"}}, "Retry-After: 7")
    hours = Hours()
    with Spending(responds(lambda *_: busy)) as target:
        run(tmp_path, target.url, plan_file(tmp_path), max_spend="0", time=hours.time)
    reads = [request for request in target.asked if request.startswith(b"GET")]
    others = [request for request in target.asked if not request.startswith(b"GET")]
    assert set(hours.sleeps) == {7.0}
    assert (len(reads) % 3, len(set(others))) == (0, len(others))


def test_polls_are_three_seconds_apart_at_least_and_end_with_the_deadline(tmp_path: Path) -> None:
    hours, kept = Hours(), Kept()
    with provider(ACCEPTED, task("in_progress")) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), kept, time=hours.time, deadline=100.0)
    polls = [one.at_s for one in kept.exchanges if one.purpose == "poll"]
    assert min(later - earlier for earlier, later in itertools.pairwise(polls)) >= 3
    assert (end.reason, sum(hours.sleeps) <= 100, counted(tmp_path)) == ("deadline", True, "0.40")
    assert "job/sora/poll" in dict(end.unseen)


def test_a_task_that_never_ends_is_polled_as_often_as_planned(tmp_path: Path) -> None:
    kept = Kept()
    with provider(ACCEPTED, task("in_progress")) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), kept, deadline=86400.0)
    assert sum(one.purpose == "poll" for one in kept.exchanges) == 240
    assert "had not ended" in dict(end.unseen)["job/sora/poll"]


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("when", ["a submit", "a read"])
def test_an_interrupted_run_ends_in_order(which: signal.Signals, when: str, tmp_path: Path) -> None:
    """A submit on its way is answered first, so that its outcome is known."""

    def respond(method: str, _path: str, request: bytes) -> bytes:
        if (method == "POST" and OWN.encode() in request) == (when == "a submit"):
            os.kill(os.getpid(), which)
        return ACCEPTED

    kept, before = Kept(), signal.getsignal(which)
    with Spending(responds(respond)) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), kept)
    assert (end.reason, end.exit_code) == ("interrupted", 130)
    assert len(target.submits) == len(entries(tmp_path)) == (when == "a submit")
    assert outcomes(tmp_path) == (["accepted"] if when == "a submit" else [])
    assert [one.number for one in kept.exchanges] == list(range(1, end.requests + 1))
    assert signal.getsignal(which) == before


def test_a_second_signal_ends_a_submit_and_it_counts(tmp_path: Path) -> None:
    def twice(peer: Peer) -> None:
        peer.request()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        hangs()(peer)

    kept = Kept()
    with provider(twice) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), kept)
    assert (end.exit_code, outcomes(tmp_path), counted(tmp_path)) == (130, ["unknown"], "0.40")
    assert kept.exchanges[-1].failure == "cut: the run was interrupted"


def test_a_record_that_cannot_be_written_ends_the_run_in_order(tmp_path: Path) -> None:
    class Full(Kept):
        def keep(self, _exchange: object) -> None:
            raise OSError(28, "No space left on device")

    with provider() as target:
        end = run(tmp_path, target.url, plan_file(tmp_path), Full())
    assert (end.reason, len(target.asked), "No space left" in end.told) == ("record", 1, True)


def _fails_when(count: int) -> Callable[[int, bytes], None]:
    """Writes as many lines whole as told, then half a line and no more."""
    left = [count]

    def write(file: int, data: bytes) -> None:
        if left[0] == 0 and data:
            os.write(file, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        left[0] -= bool(data)
        os.write(file, data)

    return write


@pytest.mark.parametrize(
    ("lines", "submits", "outcome"), [(0, 0, []), (1, 1, ["reserved"]), (2, 1, ["accepted"])]
)
def test_a_full_disk_under_the_ledger_ends_the_run(
    lines: int, submits: int, outcome: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be reserved is not sent; what could not be settled counts."""
    monkeypatch.setattr("nebula_contract.live.ledger._write", _fails_when(lines))
    with provider(ACCEPTED, task("succeeded")) as target:
        end = run(tmp_path, target.url, plan_file(tmp_path))
    assert (end.reason, len(target.submits), outcomes(tmp_path)) == ("ledger", submits, outcome)
    assert "No space left" in end.told
