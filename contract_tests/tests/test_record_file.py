"""A run on disk: whole, partial, damaged, and on a disk that is full."""

import errno
import json
import os
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchanges import answered, exchanges, submitted
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import Record, RecordError, RecordWriter, read_record
from nebula_contract.record.run import RunEnd, RunHeader, plain_target

HEADER = RunHeader("0.1.0", "mock", "mock", "2026-01-05T08:00:00Z", "documented", 7, "quick", "6.170")
# Damage: what becomes of the bytes of a record, and what the error has to say.
DAMAGE: dict[str, tuple[Any, str]] = {
    "an empty file": (lambda _: b"", "line 1, found an empty file"),
    "no header": (lambda raw: raw.partition(b"\n")[2], 'line 1, kind: found "exchange", expected header'),
    "a newer format": (lambda raw: raw.replace(b'"format":1', b'"format":2'), "format: found 2, expected 1"),
    "no JSON": (lambda raw: raw.replace(b'{"kind":"exchange","number":2', b"{number:2"), "line 3, found no JSON"),
    "bytes that are no text": (lambda raw: raw.replace(b'"poll"', b'"\xff"'), "line 3, found no UTF-8 at byte"),
    "an array": (lambda raw: raw.replace(b'{"kind":"end"', b"[]\n{"), "line 5, the line: found an array"),
    "an empty line": (lambda raw: raw.replace(b"\n", b"\n\n", 1), "line 2, found no JSON"),
    "another kind": (lambda raw: raw.replace(b'"kind":"exchange","number":3', b'"kind":"what"'), "line 4, kind"),
    "a wrong type": (lambda raw: raw.replace(b'"status":200', b'"status":"200"'), 'answer.status: found "200"'),
    "an unknown word": (lambda raw: raw.replace(b'"own"', b'"mine"'), 'request.credential: found "mine"'),
    "a member too many": (lambda raw: raw.replace(b'"kind":"exchange"', b'"kind":"exchange","x":1'), "unknown"),
    "a number twice": (lambda raw: raw.replace(b'"number":3', b'"number":2'), "found 2 after 2"),
    "a missing line": (lambda raw: b"\n".join(raw.split(b"\n")[:2] + raw.split(b"\n")[3:]), "expected 2, as many"),
    "a line behind the end": (lambda raw: raw + raw.split(b"\n")[-2].replace(b"3", b"4") + b"\n", "line"),
    "a huge number": (lambda raw: raw.replace(b'"number":2', b'"number":1e999'), "number: found Infinity"),
    "a number of many digits": (lambda raw: raw.replace(b'"number":2', b'"number":' + b"9" * 9999), "line 3"),
    "no moment": (lambda raw: raw.replace(b'"started_at":"2026-01-05T08:00:00Z"', b'"started_at":"nonsense"'), 'started_at: found "nonsense"'),
    "a day that never was": (lambda raw: raw.replace(b'"started_at":"2026-01', b'"started_at":"2026-13'), "expected a moment"),
    "an end that is no moment": (lambda raw: raw.replace(b'"ended_at":"2026-01-05T08:01:00Z"', b'"ended_at":"soon"'), 'ended_at: found "soon"'),
    "NaN": (lambda raw: raw.replace(b'"number":2', b'"number":NaN'), "NaN is no JSON number"),
    "deep nesting": (lambda raw: raw.replace(b'"poll"', b"[" * 50_000), "line 3"),
}  # fmt: skip


def written(path: Path, lines: list[Exchange], end: RunEnd | None) -> Path:
    """A record of those exchanges."""
    with RecordWriter(path, HEADER) as writer:
        for exchange in lines:
            writer.add(exchange)
        if end is not None:
            writer.end(end)
    return path


def complete(count: int, **facts: Any) -> RunEnd:
    """The end of a run of that many exchanges."""
    return RunEnd("2026-01-05T08:01:00Z", "complete", count, **facts)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A record of a run that came to its end."""
    numbered = [submitted(number=1), answered({"status": "queued"}, number=2), answered({}, number=3)]
    return written(tmp_path / "run.ndjson", numbered, complete(3, notes=("the clock stood still",)))


def test_a_whole_run_is_read_as_it_was_written(whole: Path) -> None:
    record = read_record(whole)
    assert (record.header, record.end) == (HEADER, complete(3, notes=("the clock stood still",)))
    assert (
        [one.number for one in record.exchanges()] == [1, 2, 3] == [one.number for one in record.exchanges()]
    )
    assert (record.partial, record.is_cut) == ("", False)
    assert whole.stat().st_mode & 0o077 == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(exchanges(), max_size=3))
def test_any_run_is_read_as_it_was_written(tmp_path: Path, some: list[Exchange]) -> None:
    numbered = [_numbered(exchange, number) for number, exchange in enumerate(some, 1)]
    path = tmp_path / "any.ndjson"
    path.unlink(missing_ok=True)
    record = read_record(written(path, numbered, complete(len(some))))
    assert list(record.exchanges()) == numbered


def _numbered(exchange: Exchange, number: int) -> Exchange:
    return replace(exchange, number=number)


def test_a_run_that_was_killed_is_readable_to_its_last_whole_line(whole: Path) -> None:
    """Wherever it was cut: what is whole is read, and the rest is told."""
    raw = whole.read_bytes()
    first = raw.index(b"\n") + 1
    seen = set()
    for length in range(first, len(raw) - 1, 7):
        whole.write_bytes(raw[:length])
        record = read_record(whole)
        got = [one.number for one in record.exchanges()]
        assert got == [1, 2, 3][: len(got)]
        assert "no end" in record.partial
        assert record.is_cut == (not raw[:length].endswith(b"\n")) == ("cut" in record.partial)
        seen.add(len(got))
    assert seen == {0, 1, 2, 3}


def test_a_last_line_that_only_lacks_its_break_is_whole(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes()[:-1])
    assert read_record(whole).partial == ""


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_with_its_line(whole: Path, name: str) -> None:
    damage, expected = DAMAGE[name]
    whole.write_bytes(damage(whole.read_bytes()))
    with pytest.raises(RecordError) as caught:
        list(read_record(whole).exchanges())
    assert expected in str(caught.value)
    assert str(caught.value).startswith(f"{whole}, ")
    assert len(str(caught.value)) < 700


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=400), at=st.floats(0, 1), keep=st.booleans())
def test_any_bytes_give_exchanges_or_one_error(tmp_path: Path, raw: bytes, at: float, *, keep: bool) -> None:
    path = tmp_path / "hostile.ndjson"
    path.unlink(missing_ok=True)
    good = written(path, [submitted()], complete(1)).read_bytes()
    place = int(at * len(good))
    path.write_bytes(good[:place] + raw + good[place:] if keep else raw)
    try:
        list(read_record(path).exchanges())
    except RecordError as error:
        assert str(path) in str(error)  # noqa: PT017 - either is right


def test_a_record_is_not_overwritten_unasked(whole: Path) -> None:
    before = whole.read_bytes()
    with pytest.raises(RecordError, match="is there already"):
        RecordWriter(whole, HEADER)
    assert whole.read_bytes() == before
    with RecordWriter(whole, HEADER, overwrite=True):
        pass
    assert list(read_record(whole).exchanges()) == []


@pytest.mark.parametrize("place", ["nowhere/run.ndjson", "."])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    with pytest.raises(RecordError, match="nothing was sent"):
        RecordWriter(tmp_path / place, HEADER)
    with pytest.raises(RecordError, match="cannot be read"):
        read_record(tmp_path / place)


def test_a_full_disk_leaves_what_was_written_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a line is taken back, the error says where the record ends, and no end is claimed after it."""
    left = 2500
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        nonlocal left
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sent = real(descriptor, data[:left])
        left -= sent
        return sent

    path = tmp_path / "run.ndjson"
    with RecordWriter(path, HEADER) as writer:
        monkeypatch.setattr(os, "write", write)
        for number in range(1, 9):
            try:
                writer.add(submitted(number=number))
            except RecordError as error:
                assert f"exchange {number} could not be written (No space left" in str(error)  # noqa: PT017
                break
        left = 10_000
        with pytest.raises(RecordError, match="was not written"):
            writer.end(complete(number - 1))
    record = read_record(path)
    assert [one.number for one in record.exchanges()] == list(range(1, number))
    assert (record.end, record.is_cut) == (None, False)


def test_ten_thousand_exchanges_are_read_fast_and_one_by_one(tmp_path: Path) -> None:
    """About 100 microseconds a line on a desk; the bound leaves room for a busy machine."""
    line = answered({"task_id": "video_1", "status": "in_progress", "metadata": {"progress": 50}})
    path = written(
        tmp_path / "long.ndjson", [_numbered(line, one) for one in range(1, 10_001)], complete(10_000)
    )
    tracemalloc.start()
    began = time.perf_counter()
    assert sum(1 for _ in read_record(path).exchanges()) == 10_000
    took_s = time.perf_counter() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
    assert took_s < 30


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("mock", "mock"),
        ("http://127.0.0.1:8383", "http://127.0.0.1:8383"),
        ("https://me:sk-secret@video.example/v1?key=sk-secret#sk-secret", "https://video.example/v1"),
        ("http://[", "an address that is none"),
    ],
)
def test_the_name_of_a_target_is_kept_without_secrets(name: str, kept: str) -> None:
    assert plain_target(name) == kept


def test_a_pipe_is_no_record(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(writer, json.dumps({"kind": "header"}).encode() + b"\n")
    try:
        with pytest.raises(RecordError):
            read_record(tmp_path / "pipe")
    finally:
        os.close(writer)


def test_a_record_is_whole_only_with_its_end(tmp_path: Path) -> None:
    end = RunEnd("2026-01-05T08:01:00Z", "interrupted", 1, "0.40")
    record: Record = read_record(written(tmp_path / "run.ndjson", [submitted()], end))
    assert record.end == end
    assert record.partial == "the run did not come to its end: interrupted"
