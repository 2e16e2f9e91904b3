"""Promises of scenario files: every reason why one cannot be used, and read again when they change."""

import json
import logging
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nebula_mock import MockServer, Settings
from nebula_mock.scenario_files import ScenarioError, WatchedFile, source_of
from nebula_mock.settings import SettingsError

GOOD = {"description": "x", "lifecycle": {"default": {"timing": "instant"}}}


def rules(*members: Any) -> dict[str, Any]:
    """A scenario with those rules."""
    return {"description": "x", "rules": list(members)}


def timing(**members: Any) -> dict[str, Any]:
    """A scenario with that timing."""
    return {"description": "x", "lifecycle": {"default": members}}


BAD = [
    ([], "$: found [], expected type object"),
    ({}, "$: found no 'description', expected the members 'description'"),
    ({"description": ""}, '$.description: found "", expected at least 1 characters'),
    (
        {**GOOD, "lifcycle": {}},
        '$: found the member "lifcycle", expected no other members. Did you mean "lifecycle"?',
    ),
    (timing(timing="instnt"), '$.lifecycle.default.timing: found "instnt", expected one of "fixed"'),
    (timing(timing="instnt"), 'Did you mean "instant"?'),
    (
        timing(timing="fixed", waiting_s=-1, running_s=2),
        "$.lifecycle.default.waiting_s: found -1, expected at least 0",
    ),
    (
        timing(timing="fixed", waiting_s="2", running_s=2),
        '$.lifecycle.default.waiting_s: found "2", expected type number',
    ),
    (timing(timing="fixed", runing_s=2, waiting_s=1, running_s=1), 'Did you mean "running_s"?'),
    (
        timing(timing="uniform", waiting_s=[5, 1], running_s=[1, 2]),
        "$.lifecycle.default.waiting_s: found 5 as the least and 1 as the most",
    ),
    (
        timing(
            timing="lognormal",
            waiting={"median_s": 1, "sigma": 1, "min_s": 9, "max_s": 3},
            running={"median_s": 1, "sigma": 1},
        ),
        "$.lifecycle.default.waiting: found 9 as the least",
    ),
    (
        {"description": "x", "lifecycle": {"families": {"soar": {"timing": "instant"}}}},
        'Did you mean "sora"?',
    ),
    (
        {"description": "x", "outcomes": [{"outcome": "failed", "failure": "policy-refusel"}]},
        'Did you mean "policy-refusal"?',
    ),
    (
        {"description": "x", "outcomes": [{"outcome": "succeeded", "weight": 0}]},
        "$.outcomes: found only weights of 0",
    ),
    (rules({"name": "a"}), "expected the members 'delay' or the members 'fault'"),
    (rules({"name": "A b", "delay": 1}), '$.rules[0].name: found "A b"'),
    (rules({"name": "a", "delay": 3601}), "$.rules[0].delay: found 3601, expected at most 3600"),
    (
        rules({"name": "a", "delay": {"delay": "uniform", "min_s": 3, "max_s": 2}}),
        "$.rules[0].delay: found 3 as the least",
    ),
    (
        rules({"name": "a", "delay": 1}, {"name": "a", "delay": 2}),
        '$.rules[1].name: found "a" a second time, expected a name that $.rules[0] has not',
    ),
    (
        rules({"name": "a", "delay": 1, "match": {"from_s": 5, "to_s": 5}}),
        "$.rules[0].match.to_s: found 5 after 5",
    ),
    (
        rules({"name": "a", "fault": {"fault": "problem", "id": "rate-limitd"}}),
        'Did you mean "rate-limited"?',
    ),
    (
        rules({"name": "a", "fault": {"fault": "problem", "id": "get-task-failed"}}),
        'which the documented dialect does not have, expected a row of that dialect, or "dialect": "gateway" in the scenario',
    ),
    (
        rules({"name": "a", "delay": 1, "probability": 1.5}),
        "$.rules[0].probability: found 1.5, expected at most 1",
    ),
    (
        {"description": "x", "limits": {"requests": {"most": 1, "per_s": 0}}},
        "$.limits.requests.per_s: found 0, expected more than 0",
    ),
]


@pytest.mark.parametrize(("value", "told"), BAD)
def test_a_bad_file_is_told_by_place_found_expected_and_nearest(
    tmp_path: Path, value: Any, told: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(value), "utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings(scenario=path)
    assert str(caught.value).startswith(f"{path}, $")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "not JSON that is read: Expecting value"),
        (b'{"description": "x",}', "not JSON that is read"),
        (b'{"description": "x", "description": "y"}', "the member 'description' stands twice"),
        (b'{"description": NaN}', "NaN is not JSON"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b" " * (1024 * 1024 + 1), "over 1048576 bytes"),
    ],
)
def test_a_file_that_is_no_json_is_told_so(tmp_path: Path, raw: bytes, told: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(raw)
    with pytest.raises(SettingsError, match=r"bad\.json: ") as caught:
        Settings(scenario=str(path))
    assert told in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere.json", "./nowhere.json"])
def test_a_file_that_is_not_there_is_told_so(name: str) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read \(No such file or directory\)"):
        Settings(scenario=name)


def test_a_name_that_is_no_preset_is_told_with_the_nearest() -> None:
    with pytest.raises(
        ScenarioError, match=r"scenario: found 'flakey'.*Did you mean flaky\? A file is named by its path"
    ):
        source_of("flakey")
    with pytest.raises(SettingsError, match=r"There are: backwards, broke, broken-video, busy-upstream"):
        Settings(scenario="zzz")


def test_a_value_that_is_no_choice_is_told_so() -> None:
    wrong: Any = 7  # what a user without a type checker passes
    with pytest.raises(SettingsError, match=r"scenario: found 7, expected the name of a preset"):
        Settings(scenario=wrong)


@pytest.mark.parametrize(
    "value",
    [
        {"description": "x", "retention": {"url_s": float("nan")}},
        {"description": "x", "balance_usd": Decimal(5)},
        {"description": "x", "video_size_bytes": 10**70},
        {"description": "x", "rules": {1, 2}},
    ],
)
def test_a_value_that_json_cannot_say_is_told_so(value: Any) -> None:
    with pytest.raises(ScenarioError, match="found a value that is no JSON"):
        source_of(value)


def test_a_number_may_be_written_with_a_point_and_an_array_as_a_tuple() -> None:
    """To a schema 2.0 is an integer."""
    value = {
        "description": "x",
        "lifecycle": {
            "default": {"timing": "uniform", "waiting_s": (2.0, 2), "running_s": (8, 8.0)},
            "progress": {"curve": "stalls", "at_percent": 47.0},
        },
        "rules": ({"name": "one", "match": {"nth": 3.0}, "times": 1.0, "delay": 1.0},),
        "limits": {"most_running": 3.0},
        "video_size_bytes": 2e5,
    }
    provider = Settings(scenario=value).provider()
    task = provider.submit("a", {"model": "sora-2", "prompt": "A cat"})
    assert provider.film(task, 0).length == 200_000
    assert str(task.observed_at(task.submitted_at + 9).progress_percent) == "47"
    assert (task.plan.total_s, provider.rules_of("a").most_running) == (10, 3)
    nth = provider.plays.in_force().scenario.rules[0].match.nth
    assert nth is not None
    assert nth.holds(3)


def test_every_way_to_name_a_scenario_works(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(GOOD), "utf-8")
    named = {name: source_of(name).current().name for name in ("slow", str(path))}
    assert named == {"slow": "slow", str(path): "mine.json"}
    assert [source_of(one).current().name for one in (path, GOOD, None)] == ["mine.json", "custom", "default"]
    with MockServer(scenario=path) as mock:
        assert mock.scenario.name == "mine.json"
        mock.use("slow")
        mock.account("sk-me").use(GOOD)
        assert (mock.scenario.name, mock.account("sk-me").scenario.name) == (
            "slow",
            "custom",
        )
        mock.use(None)
        mock.account("sk-me").use(None)
        assert mock.account("sk-me").scenario is mock.scenario
        with pytest.raises(ScenarioError):
            mock.use("slwo")
        assert mock.scenario.name == "mine.json"


class Edited:
    """A file that is watched, whose real time the test moves."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 0.0
        self.versions = 0
        self.write(self.version())
        self.source = WatchedFile(path, lambda: self.now)

    def version(self) -> dict[str, Any]:
        """Another good version."""
        self.versions += 1
        return {"description": f"version {self.versions}"}

    def write(self, value: Any) -> None:
        """Write it, with a time of its own."""
        self.path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")

    def description(self) -> str:
        """What is in force, a second later."""
        self.now += 1
        return self.source.current().description


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """A file in use."""
    return Edited(tmp_path / "mine.json")


def test_a_good_edit_takes_over(edited: Edited) -> None:
    first = edited.description()
    edited.write({**GOOD, "description": "another version"})
    assert (first, edited.description(), edited.source.problem) == ("version 1", "another version", None)


def test_a_bad_edit_keeps_the_scenario_before_and_says_so(
    edited: Edited, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for bad in ("{", {"descripton": "x"}, {"description": "x", "outcomes": []}):
        edited.write(bad)
        assert edited.description() == "version 1"
        assert "mine.json" in str(edited.source.problem)
        assert caplog.records[-1].levelname == "WARNING"
        assert str(edited.source.problem) in caplog.records[-1].getMessage()
    edited.path.unlink()
    assert (edited.description(), "cannot be read" in str(edited.source.problem)) == ("version 1", True)
    edited.write({"description": "mended again"})
    assert (edited.description(), edited.source.problem) == ("mended again", None)


def test_a_file_is_looked_at_once_a_second_at_most(edited: Edited) -> None:
    edited.description()
    edited.write({"description": "too soon to be seen"})
    edited.now += 0.999
    assert edited.source.current().description == "version 1"
    edited.now += 0.001
    assert edited.source.current().description == "too soon to be seen"


def test_a_file_that_was_only_touched_is_the_same_scenario(edited: Edited) -> None:
    before = edited.source.current()
    edited.path.write_bytes(edited.path.read_bytes())
    edited.description()
    assert edited.source.current() is before


def test_an_edit_that_counts_begins_the_scenario_anew(tmp_path: Path) -> None:
    """Tasks keep the plan they were submitted with; rules count from nothing."""
    file = Edited(tmp_path / "mine.json")
    late = {"description": "x", "rules": [{"name": "late", "match": {"nth": 1}, "delay": 0}]}
    provider = Settings().provider()
    provider.plays.choose(file.source)
    task = provider.submit("a", {"model": "sora-2", "prompt": "A cat"})
    file.write({**late, **GOOD})
    file.now += 1
    assert provider.plays.in_force("a").fired() == {"late": 0}
    assert provider.plays.in_force("a") is provider.plays.in_force("b")
    assert (task.plan.total_s, provider.submit("a", {"model": "sora-2", "prompt": "A"}).plan.total_s) == (
        10,
        0,
    )
