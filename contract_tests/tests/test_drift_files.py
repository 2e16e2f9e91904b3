"""The files of drift: what cannot be read says what to do, and no write leaves half."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from acceptances import accepted
from nebula_contract.drift.accepted import (
    Acceptance,
    read_accepted,
    write_accepted,
)
from nebula_contract.drift.baseline import read_observed
from nebula_contract.drift.document import document_of
from nebula_contract.drift.observation import Observations
from nebula_contract.reviewed import ReviewedFileError, text_of
from observations import observed_on

GOOD = text_of({"format": 1, "entries": []})
ENTRY = {name: getattr(accepted(), name) for name in Acceptance.__slots__}


def with_members(**members: Any) -> str:
    """A file with one entry."""
    return text_of({"format": 1, "entries": [{**ENTRY, **members}]})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("no JSON",)),
        ("{", ("no JSON",)),
        ("[" * 100_000, ("no JSON",)),
        ('{"format": 1, "format": 1, "entries": []}', ("'format' stands twice",)),
        ("[]", ("$", "[]", "expected")),
        ('{"format": 2, "entries": []}', ("$.format", "found 2", "expected")),
        ('{"format": 1}', ("entries", "expected")),
        (with_members(surplus=1), ("surplus", "expected")),
        (with_members(reason=""), ("reason", "expected")),
        (with_members(expires="2027-02-30"), ("expires", "'2027-02-30'", "a day such as")),
        (with_members(accepted="2027-13-01"), ("accepted", "'2027-13-01'", "a day such as")),
        (with_members(expires="tomorrow"), ("expires", "tomorrow", "expected")),
        (with_members(rule="DR999"), ("rule", "'DR999'", "does not know")),
        (with_members(max_severity="none"), ("max_severity", "none", "expected")),
    ],
)  # fmt: skip
def test_acceptances_that_cannot_be_read_say_where_what_and_what_to_do(
    text: str, told: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "accepted.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ReviewedFileError) as caught:
        read_accepted(path)
    wanted = (str(path), *told, "Mend it, or take back the version that was committed.")
    assert [part for part in wanted if part not in str(caught.value)] == []
    assert len(str(caught.value)) < 1000


def test_a_file_of_more_than_32_mib_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"
    path.touch()
    os.truncate(path, 32 * 1024 * 1024 + 1)
    with pytest.raises(ReviewedFileError, match="found more than 32 MiB, expected a file that people review"):
        read_accepted(path)


def test_what_is_no_file_and_what_is_no_text_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"format": "\xe4"}')
    for path in (tmp_path, tmp_path / "latin.json"):
        with pytest.raises(ReviewedFileError, match=r"cannot be read .* Mend it"):
            read_accepted(path)


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert read_accepted(tmp_path / "accepted.json") == ()
    assert read_observed(tmp_path / "observed.json") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"entries": {"wan/query": {"samples": 1, "traits": {}}}}, "wan/query"),
        ({"entries": {"a/b/c/d": {"samples": -1, "traits": {}}}}, "samples"),
        ({"entries": {"a/b/c/d": {"verified_at": "2027-02-30T00:00:00Z", "samples": 1, "traits": {}}}}, "2027-02-30"),
        ({"families": {"wan": {"verified_at": "2027-02-01T25:00:00Z"}}}, "2027-02-01T25"),
        ({"run": {"verified_at": "2027-00-01T00:00:00Z", "checks": {}, "broken": [], "variants": {}}}, "2027-00-01"),
    ],
)  # fmt: skip
def test_an_observed_state_that_cannot_be_read_says_how_to_get_another(
    change: dict[str, Any], told: str, tmp_path: Path
) -> None:
    plain = document_of(observed_on(Observations(), "2027-02-01"))
    path = tmp_path / "observed.json"
    path.write_text(json.dumps({**plain, **change}), "utf-8")
    with pytest.raises(ReviewedFileError) as caught:
        read_observed(path)
    wanted = (str(path), told, "expected", "only nebula-contract live --update writes it")
    assert [part for part in wanted if part not in str(caught.value)] == []


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "os.fchmod"])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "stopped"]
)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    step: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "accepted.json"
    path.write_text(GOOD, "utf-8")

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(step, fails)
    with pytest.raises((ReviewedFileError, KeyboardInterrupt)) as caught:
        write_accepted(path, [accepted()])
    monkeypatch.undo()
    if isinstance(error, OSError):
        assert (
            str(caught.value) == f"{path}: cannot be written (No space left on device). Nothing was accepted."
        )
    assert path.read_text("utf-8") == GOOD
    assert [*tmp_path.iterdir()] == [path]


def test_a_folder_is_made_and_one_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    write_accepted(tmp_path / "a/b/accepted.json", [accepted()])
    assert read_accepted(tmp_path / "a/b/accepted.json") == (accepted(),)
    with pytest.raises(ReviewedFileError, match="cannot be written"):
        write_accepted(tmp_path / "a/b/accepted.json/c.json", [])
