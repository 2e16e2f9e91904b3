"""``nebula-contract calibrate``: honest times and shares, nothing private, and a clear word for what cannot be told."""

import json
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.calibrating.calibrated import PARTS, Calibrated, CalibrationError, calibrated
from nebula_contract.calibrating.lives import Span
from nebula_contract.calibrating.reasons import NO_REASON, WITHHELD
from nebula_contract.calibrating.spread import LEAST_FOR_A_SHAPE, common_moment, form_of, sigma_of
from nebula_contract.cli import main
from nebula_mock.cli import main as mock_main
from nebula_mock.scenario_checks import scenario_violations
from recorded import BODIES, header_of, kept, lived, numbered, view_of

WALL = header_of("documented", "live")
SORA = BODIES[0]
PROMPT = "canary prompt of a private film"
SECRETS = (PROMPT, "red fox", "canary.example", "sk-canary", "video.example", "canaryname")


def run(*arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(main, ["calibrate", *arguments])


def of_ends(*ends: tuple[float, str], **how: Any) -> Calibrated:
    """What tasks come to that were at work from one second on, read a second before and at their end."""
    lives = [
        lived(
            [(0.5, "queued"), (1.5, "in_progress"), (at_s - 1, "in_progress"), (at_s, status)],
            task_id=f"t{one}",
        )
        for one, (at_s, status) in enumerate(ends)
    ]
    return calibrated(view_of(*lives), WALL, **how)


def sora(made: Calibrated) -> dict[str, Any]:
    """The times of Sora."""
    told: dict[str, Any] = made.scenario["lifecycle"]["families"]["sora"]
    return told


def test_one_task_is_told_as_the_middle_of_what_is_known() -> None:
    assert sora(of_ends((60, "succeeded"))) == {"timing": "fixed", "waiting_s": 1.0, "running_s": 58.5}


def test_tasks_that_one_time_explains_are_told_as_that_time_however_seldom_they_were_read() -> None:
    view = view_of(
        lived([(5, "queued"), (20, "in_progress"), (95, "succeeded")], task_id="a"),
        lived([(8, "in_progress"), (60, "in_progress"), (70, "succeeded")], task_id="b"),
    )
    assert sora(calibrated(view, WALL)) == {"timing": "fixed", "waiting_s": 6.5, "running_s": 58.5}


def test_some_tasks_are_told_as_the_bounds_that_were_seen() -> None:
    told = sora(of_ends((60, "succeeded"), (80, "succeeded"), (70, "succeeded")))
    assert told == {"timing": "uniform", "waiting_s": [1.0, 1.0], "running_s": [58.5, 78.5]}


def test_many_tasks_are_told_as_a_shape_within_what_was_seen() -> None:
    drawn = random.Random(7)  # noqa: S311 - no secret
    ends = [round(20 + drawn.lognormvariate(4, 0.4), 3) for _ in range(200)]
    told = sora(of_ends(*((end, "succeeded") for end in ends)))
    running = told["running"]
    assert told["timing"] == "lognormal"
    assert told["waiting"] == {"median_s": 1.0, "sigma": 0.0, "min_s": 1.0, "max_s": 1.0}
    assert running["min_s"] == pytest.approx(min(ends) - 1.5)
    assert running["max_s"] == pytest.approx(max(ends) - 1.5)
    assert running["median_s"] == pytest.approx(72, abs=8)
    assert running["sigma"] == pytest.approx(0.3, abs=0.1)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_the_form_follows_from_how_many_there_are(samples: list[float]) -> None:
    form = form_of(samples)
    if len(set(samples)) == 1:
        assert form == "fixed"
    else:
        has_shape = len(samples) >= LEAST_FOR_A_SHAPE and min(samples) > 0
        assert form == ("lognormal" if has_shape else "uniform")
        assert not has_shape or 0 <= sigma_of(samples) <= 5


@given(st.lists(st.floats(0, 100), min_size=2, max_size=8), st.floats(0, 100))
def test_a_moment_in_every_span_is_found_and_none_where_there_is_none(ends: list[float], at_s: float) -> None:
    around = [Span(min(end, at_s), max(end, at_s)) for end in ends]
    found = common_moment(around)
    assert found is not None
    assert all(span.low - 1e-6 <= found <= span.high + 1e-6 for span in around)
    apart = sorted(ends)
    if apart[0] < apart[-1]:
        assert common_moment([Span(end, end) for end in apart]) is None


def test_how_late_the_gateway_hears_is_not_counted_as_the_tasks_own_time() -> None:
    """The mock's gateway is late by itself; a replay has the times that were seen."""
    reads = [(10, "unknown"), (14, "in_progress"), (89, "in_progress"), (90, "succeeded")]
    made = calibrated(view_of(lived(reads)), header_of("", "live"))
    times = sora(made)
    assert made.scenario["dialect"] == "gateway"
    assert times["waiting_s"] + times["running_s"] == pytest.approx(90 - 17 / 2)
    (replay,) = made.scenario["replays"]
    assert (replay["unknown_s"], replay["waiting_s"], replay["running_s"]) == (12, 12, 77.5)


def test_how_long_answers_took_makes_a_moment_less_certain() -> None:
    lives = lived([(10, "in_progress"), (50, "in_progress"), (60, "succeeded")], took_s=2)
    made = calibrated(view_of(lives), WALL, parts=["timings"])
    assert "each known to within 14 s" in "\n".join(made.notes)


def test_a_share_of_failures_is_never_made_of_few_tasks() -> None:
    few = of_ends((60, "succeeded"), (60, "failed"))
    assert "outcomes" not in few.scenario
    assert "1 of 2 tasks failed (1 of sora); a share takes 20 tasks" in "\n".join(few.notes)
    assert [one.get("failure") for one in few.scenario["replays"]] == [
        None,
        {"message": NO_REASON, "code": "unknown"},
    ]
    many = of_ends(*[(60, "succeeded")] * 18, *[(60, "failed")] * 2)
    assert [(one["outcome"], one["weight"]) for one in many.scenario["outcomes"]] == [
        ("succeeded", 18),
        ("failed", 2),
    ]
    none = of_ends(*[(60, "succeeded")] * 30)
    assert "outcomes" not in none.scenario
    assert "0 of 30 tasks failed" in "\n".join(none.notes)


def test_what_a_run_arranged_is_replayed_and_counts_for_nothing_else() -> None:
    arranged = lived([(5, "queued"), (600, "failed")], task_id="a", condition="failing")
    by_polls = lived([(5, "queued"), (6, "succeeded")], task_id="b", condition="by-polls")
    plain = lived([(1, "in_progress"), (9, "in_progress"), (10, "succeeded")], task_id="c")
    made = calibrated(view_of(arranged, by_polls, plain), WALL)
    assert sora(made)["running_s"] < 10
    assert [one["waiting_s"] + one["running_s"] for one in made.scenario["replays"]] == [302.5, 9.5]
    assert "0 of 1 tasks failed" in "\n".join(made.notes)


def test_latency_is_told_where_the_targets_clock_runs_by_itself() -> None:
    lives = [
        lived([(at_s, "queued"), (60, "succeeded")], task_id=f"t{at_s}", took_s=at_s / 10)
        for at_s in range(1, 31)
    ]
    rules = {one["name"]: one for one in calibrated(view_of(*lives), WALL).scenario["rules"]}
    assert rules.keys() == {"latency-submit", "latency-query"}
    assert rules["latency-submit"]["match"] == {"operation": "submit"}
    delay = rules["latency-submit"]["delay"]
    assert (delay["delay"], delay["min_s"], delay["max_s"]) == ("lognormal", 0.1, 3.0)
    assert delay["median_s"] == pytest.approx(1.55)


def test_latency_is_not_told_of_a_clock_that_is_moved_by_hand_nor_of_a_mock_at_hand() -> None:
    standing = lived([(1, "queued"), (60, "succeeded")], task_id="a")
    made = calibrated(view_of(standing), WALL)
    assert "rules" not in made.scenario
    assert "moved by hand" in made.notes[-1]
    quick = calibrated(view_of(lived([(1, "queued"), (60, "succeeded")], took_s=0.002)), WALL)
    assert "rules" not in quick.scenario
    assert "as quick as the mock itself" in "\n".join(quick.notes)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"error": {"message": "The task timed out", "code": 400}}, "timeout"),
        (
            {"metadata": {"error": {"message": "Frozen", "code": "Cold"}}},
            {"message": "Frozen", "code": "Cold"},
        ),
        (
            {"metadata": {"output": {"message": "Frozen\x00\n", "code": "Cold"}}},
            {"message": "Frozen", "code": "Cold"},
        ),
        ({"error": {"message": f'Refused: "{PROMPT.upper()}"'}}, {"message": WITHHELD, "code": "unknown"}),
        ({"error": {"message": "Refused: PROMPT OF  A private"}}, {"message": WITHHELD, "code": "unknown"}),
        (
            {"error": {"message": f"Refused: {SORA['size']}"}},
            {"message": "Refused: 720x1280", "code": "unknown"},
        ),
        (
            {"error": {"message": "See https://canary.example/a?b with key sk-canary1234"}},
            {"message": "See [address] with key [hidden]", "code": "unknown"},
        ),
        ({"error": {"message": "x" * 3000}}, {"message": "x" * 300, "code": "unknown"}),
        ({"error": "broken"}, {"message": NO_REASON, "code": "unknown"}),
        ({}, {"message": NO_REASON, "code": "unknown"}),
    ],
)
def test_a_reason_is_told_without_what_is_the_consumers_own(told: dict[str, Any], expected: Any) -> None:
    body = {**SORA, "prompt": PROMPT}
    view = view_of(lived([(1, "queued"), (9, "failed", told)], body=body))
    made = calibrated(view, WALL)
    assert made.scenario["replays"][0]["failure"] == expected
    assert scenario_violations(made.scenario) == ()


def test_nothing_private_leaves_the_record(tmp_path: Path) -> None:
    """Prompts, pictures, addresses, keys and ids, wherever a request or an answer can have them."""
    told = {"error": {"message": f"{PROMPT} https://canary.example/x sk-canary1234", "code": PROMPT}}
    lives = [
        lived(
            [(1, "queued", {"url": "https://canary.example/"}), (9, "failed", told)],
            body={
                **body,
                "prompt": PROMPT,
                "image": "https://canary.example/c.png",
                "user": "canaryname",
                "callback_url": "https://canary.example/",
                "size": PROMPT,
                "negative_prompt": PROMPT,
            },
            task_id=f"sk-canary{one}",
        )
        for one, body in enumerate([*BODIES] * 6)
    ]
    record = kept(tmp_path / "run.ndjson", numbered(*lives), WALL)
    assert PROMPT in record.read_text("utf-8")
    done = run(str(record))
    assert done.exit_code == 0, done.output
    assert [secret for secret in SECRETS if secret.casefold() in done.output.casefold()] == []
    assert len(json.loads(done.stdout)["replays"]) == 24


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a quick run at a mock."""
    path = tmp_path_factory.mktemp("calibrate") / "run.ndjson"
    arguments = ["test", "--profile", "quick", "--seed", "7", "--record", str(path), "--fail-on", "none"]
    assert CliRunner().invoke(main, arguments).exit_code in {0, 3}
    return path


@pytest.mark.parametrize("only", [(), *((part,) for part in PARTS if part in {"timings", "replays"})])
def test_the_mock_takes_what_a_run_of_the_suite_comes_to(
    quick: Path, tmp_path: Path, only: tuple[str, ...]
) -> None:
    out = tmp_path / "as-it-was.json"
    done = run(str(quick), "--out", str(out), *(f"--only={part}" for part in only))
    assert (done.exit_code, done.stdout) == (0, "")
    told = json.loads(out.read_text("utf-8"))
    members = {"timings": {"lifecycle"}, "replays": {"replays"}}
    expected = members[only[0]] if only else {"lifecycle", "replays"}
    assert told.keys() - {"$schema", "description", "dialect"} == expected
    checked = CliRunner().invoke(mock_main, ["check", str(out)])
    assert (checked.exit_code, "can be used" in checked.output) == (0, True)
    printed = run(str(quick), *(f"--only={part}" for part in only))
    assert json.loads(printed.stdout) == told
    assert out.read_text("utf-8") == printed.stdout


def test_the_times_of_the_mock_are_found_again(quick: Path) -> None:
    """Two seconds waiting, eight at work."""
    families = json.loads(run(str(quick)).stdout)["lifecycle"]["families"]
    assert families.keys() == {"sora", "veo", "wan", "seedance"}
    for told in families.values():
        assert told["timing"] == "fixed"
        assert told["waiting_s"] == pytest.approx(2, abs=0.5)
        assert told["waiting_s"] + told["running_s"] == pytest.approx(10, abs=1)


def test_a_partial_record_counts_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    lines = numbered(
        lived([(1, "in_progress"), (9, "succeeded")], task_id="a"), lived([(1, "queued")], task_id="b")
    )
    record = kept(tmp_path / "run.ndjson", lines, WALL, is_whole=False)
    with record.open("ab") as file:
        file.write(b'{"kind":"exch')
    done = run(str(record))
    assert done.exit_code == 0
    assert "its last line was cut and is left out; it counts as far as it goes" in done.stderr
    assert len(json.loads(done.stdout)["replays"]) == 1


def two_records(tmp_path: Path) -> Path:
    """The records of runs at two targets, one behind the other."""
    lines = numbered(lived([(9, "succeeded")]))
    paths = [kept(tmp_path / name, lines, replace(WALL, target=name)) for name in ("one", "other")]
    both = tmp_path / "both"
    both.write_bytes(b"".join(path.read_bytes() for path in paths))
    return both


BAD: dict[str, tuple[Any, str]] = {
    "no file": (lambda path: path / "none", "none"),
    "no record": (lambda _: Path(__file__), "line 1"),
    "two targets": (two_records, "line 5, found a line behind the end, expected none"),
    "no task": (
        lambda path: kept(path / "run", [], WALL),
        "found no task, expected one at least that was polled",
    ),
    "no end": (
        lambda path: kept(path / "run", numbered(lived([(9, "queued")])), WALL),
        "found 1 task of which none was seen to end",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_record_or_shows_no_task_is_told_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    make, told = BAD[name]
    done = run(str(make(tmp_path)), "--out", str(tmp_path / "out.json"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_a_part_that_the_record_does_not_show_is_told_with_the_reason() -> None:
    with pytest.raises(CalibrationError, match=r"nothing to tell of latency.*moved by hand"):
        calibrated(view_of(lived([(9, "succeeded")])), WALL, parts=["latency"])


def test_a_file_that_is_there_is_kept_unless_it_may_go(tmp_path: Path) -> None:
    record = kept(tmp_path / "run", numbered(lived([(9, "succeeded")])), WALL)
    out = tmp_path / "out.json"
    out.write_text("mine", "utf-8")
    refused = run(str(record), "--out", str(out))
    assert (refused.exit_code, out.read_text("utf-8")) == (2, "mine")
    assert "is there already" in refused.stderr
    assert run(str(record), "--out", str(out), "--overwrite").exit_code == 0
    assert json.loads(out.read_text("utf-8"))["description"].startswith(
        "calibrated: as the live provider was on 2026"
    )
    nowhere = run(str(record), "--out", str(tmp_path / "none" / "out.json"))
    assert nowhere.exit_code == 2
    assert "Name a file in a folder that exists" in nowhere.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "run"]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    done = run(str(kept(tmp_path / "run", numbered(lived([(9, "succeeded")])), WALL)), "--name", name)
    assert done.exit_code == 2
    assert "--name: found" in done.stderr


def test_a_name_begins_the_description(tmp_path: Path) -> None:
    record = kept(tmp_path / "run", numbered(lived([(9, "succeeded")])), WALL)
    told = json.loads(run(str(record), "--name", "Monday").stdout)["description"]
    assert told == "Monday: as the live provider was on 2026-01-05, by 1 task that was seen to end."


def test_the_notes_stand_in_one_order() -> None:
    notes = of_ends((60, "succeeded"), (80, "failed")).notes
    subjects = [note.partition(":")[0] for note in notes]
    kinds = [one for one, after in pairwise([*subjects, ""]) if one != after]
    assert kinds == ["tasks", "sora", "failures", "replays", "latency"]
