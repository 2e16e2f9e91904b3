"""A case sent again: in order, about the tasks of now, and never to a server that charges."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from exchanges import GENERATIONS, answer_of, answered, submitted
from nebula_contract.cli import main
from nebula_contract.record.exchange import Exchange, Request
from nebula_contract.record.file import read_record
from nebula_contract.replay import ReplayError, case_of, sent_again
from nebula_contract.running import run_to_file
from nebula_mock import MockServer


@dataclass
class Elsewhere:
    """A place that makes tasks named ``other/1`` and answers everything else with 200."""

    asked: list[Request] = field(default_factory=list)
    passed: list[float] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def send(self, exchange: Exchange, request: Request) -> Exchange:
        self.asked.append(request)
        body = (
            {"task_id": "other/1", "status": "submitted"}
            if exchange.operation == "submit"
            else {"status": "queued"}
        )
        return replace(exchange, request=request, answer=answer_of(body))

    def pass_time(self, seconds: float) -> None:
        self.passed.append(seconds)

    def result(self, subject: str, method: str) -> Exchange | None:
        self.fetched.append(f"{method} {subject}")
        return None


def test_requests_are_about_the_tasks_of_now_in_the_time_of_then() -> None:
    place = Elsewhere()
    remix = submitted(number=3, body=json.dumps({"remix_target": "video_1"}).encode(), at_s=12.5)
    result = answered({}, operation="result", request=Request("HEAD", "http://x/y", "none"), at_s=13.0)
    told = list(
        sent_again([submitted(at_s=1.0), answered({"status": "queued"}, at_s=3.0), remix, result], place)
    )
    assert [one.path for one in place.asked] == [GENERATIONS, f"{GENERATIONS}/other%2F1", GENERATIONS]
    assert json.loads(place.asked[2].body or b"") == {"remix_target": "other/1"}
    assert place.passed == [2.0, 9.5, 0.5]
    assert place.fetched == ["HEAD other/1"]
    assert [one.is_same for one in told] == [True, True, True, False]
    assert "signed address" in told[3].left_out


def test_a_body_that_was_cut_is_not_sent() -> None:
    place = Elsewhere()
    (told,) = sent_again([submitted(label="cut")], place)
    assert (told.now, place.asked) == (None, [])


def test_a_case_that_is_none_is_told_with_some_that_are() -> None:
    with pytest.raises(ReplayError, match=r"such as lifecycle/sora/1"):
        case_of([submitted(), answered({})], "lifecycle/wan/9")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "run.ndjson"
    run_to_file("mock", "quick", 1, path)
    return path


@pytest.mark.parametrize("start", ["lifecycle/sora/", "lifecycle/veo/", "arranged/rate-limited", "access/"])
def test_a_case_comes_out_as_then_at_the_same_mock(kept: Path, start: str) -> None:
    name = next(one.case for one in read_record(kept).exchanges() if one.case.startswith(start))
    done = CliRunner().invoke(main, ["replay", str(kept), name])
    assert done.exit_code == 0, done.output
    assert "<- differs" not in done.stdout


def test_a_difference_is_shown_and_is_exit_code_1(kept: Path) -> None:
    """The other dialect says unknown first."""
    name = next(one.case for one in read_record(kept).exchanges() if one.case.startswith("lifecycle/sora/"))
    with MockServer(clock="manual", dialect="gateway") as mock:
        arguments = ["replay", str(kept), name, "--target", mock.url]
        done = CliRunner().invoke(main, arguments)
        as_json = CliRunner().invoke(main, [*arguments, "--json"])
    assert (done.exit_code, "<- differs" in done.stdout) == (1, True)
    lines = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert {line["same"] for line in lines} == {True, False}


@pytest.mark.parametrize("target", ["https://llm.ai-nebula.com", "http://203.0.113.7"])
def test_nothing_is_sent_again_to_a_server_that_may_charge(
    kept: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nebula_contract.sending import target as targets

    monkeypatch.setattr(targets._Probe, "_asked", lambda *_args, **_more: (404, {}, None))
    name = next(one.case for one in read_record(kept).exchanges())
    done = CliRunner().invoke(main, ["replay", str(kept), name, "--target", target])
    assert (done.exit_code, done.stdout, "Nothing was submitted" in done.stderr) == (2, "", True)


def test_an_unknown_case_is_exit_code_2(kept: Path) -> None:
    done = CliRunner().invoke(main, ["replay", str(kept), "no/such"])
    assert (done.exit_code, done.stdout, "found no case" in done.stderr) == (2, "", True)
