"""When a check last held live: moved by live runs alone, and never backwards."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.freshness import (
    LIVE_UNSAFE,
    MOCK_ONLY,
    Freshness,
    Held,
    freshness_document,
    moved,
    read_freshness,
    write_freshness,
)
from nebula_contract.judging.findings import CheckRun
from nebula_contract.judging.registry import all_checks
from nebula_contract.reviewed import ReviewedFileError, text_of
from nebula_schemas import contract
from verdicts import HEADER, verdict

LIVE = replace(HEADER, kind="live", target="https://video.example", plan="sha256:1")
BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
OLD = Freshness({"NC301": Held("2025-12-01T00:00:00Z", "https://video.example", "sha256:0", 1)})
JUDGED = verdict(checks=(CheckRun("NC301", 4, 0), CheckRun("NC401", 2, 1), CheckRun("NC601", 0, 0)))


def test_a_live_run_dates_the_checks_that_looked_and_held() -> None:
    fresh = moved(OLD, JUDGED, LIVE)
    assert fresh.held == {"NC301": Held(LIVE.started_at, LIVE.target, "sha256:1", 4)}


@pytest.mark.parametrize("kind", ["mock", "url"])
def test_no_other_run_dates_anything(kind: str) -> None:
    assert moved(OLD, JUDGED, replace(LIVE, kind=kind)) is OLD  # type: ignore[arg-type]


def test_a_check_that_is_broken_keeps_the_day_on_which_it_last_held() -> None:
    broken = verdict(checks=(CheckRun("NC301", 4, 2),))
    assert moved(OLD, broken, LIVE) == OLD


def test_an_older_run_moves_nothing_back() -> None:
    fresh = moved(OLD, JUDGED, LIVE)
    assert moved(fresh, JUDGED, replace(LIVE, started_at="2025-11-01T00:00:00Z")) == fresh


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_check_is_stale_from_the_day_after_the_bound(age: int, most: int) -> None:
    fresh = moved(Freshness(), JUDGED, LIVE)
    now = BEGAN + timedelta(days=age, hours=5)
    assert fresh.ages(now) == {"NC301": age}
    assert fresh.stale(["NC301"], now, most) == (("NC301",) if age > most else ())
    assert fresh.stale(["NC401"], now, most) == ("NC401",)


def test_what_no_live_run_may_look_at_is_never_stale() -> None:
    assert Freshness().stale(MOCK_ONLY | LIVE_UNSAFE, BEGAN, 1) == ()


def test_every_check_stands_in_one_way_to_the_live_provider() -> None:
    codes = {check.code for check in all_checks()}
    assert codes >= MOCK_ONLY | LIVE_UNSAFE
    fresh = Freshness(dict.fromkeys(codes - MOCK_ONLY, OLD.held["NC301"]))
    assert {fresh.standing(code) for code in codes} == {"live_verified", "mock_only"}
    assert {Freshness().standing(code) for code in codes} == {"live_pending", "mock_only", "live_unsafe"}


def test_a_file_is_read_as_it_was_written_sorted_and_valid(tmp_path: Path) -> None:
    path = tmp_path / "contract" / "freshness.json"
    fresh = Freshness(dict.fromkeys(("NC801", "NC101", "NC301"), OLD.held["NC301"]))
    write_freshness(path, fresh)
    assert read_freshness(path) == fresh
    assert list(json.loads(path.read_text("utf-8"))["checks"]) == ["NC101", "NC301", "NC801"]
    assert contract().violations("files/freshness", json.loads(path.read_text("utf-8"))) == ()
    write_freshness(path, read_freshness(path))
    assert path.read_text("utf-8") == text_of(freshness_document(fresh))
    assert [one.name for one in path.parent.iterdir()] == ["freshness.json"]


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert read_freshness(tmp_path / "none.json") == Freshness()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "[", "[]", '{"format": 2, "checks": {}}', '{"checks": {"NC1": 1}}', "[" * 10**5]
)
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.json").write_text(text, "utf-8")
    with pytest.raises(ReviewedFileError, match="Take back the version that was committed"):
        read_freshness(tmp_path / "f.json")


def test_a_file_that_cannot_be_replaced_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.json"
    write_freshness(path, OLD)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReviewedFileError, match="No space left"):
        write_freshness(path, moved(OLD, JUDGED, LIVE))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["f.json"]
