"""What the bytes of a video say: the mock's films are read as they were ordered, and no bytes break the reader."""

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.record.film import film_of
from nebula_contract.sending.asking import Case, result_urls_of, task_id_of
from nebula_contract.sending.spread import planned_tasks
from nebula_contract.sending.target import open_target
from nebula_schemas.catalogue import Family, catalogue, film_facts, read_request

FAMILIES = {family.name: family for family in catalogue().families if family.delivery == "url"}


def _video(family_name: str, body: object) -> bytes:
    with open_target("mock", seed=1) as target:
        case = Case(target, "film/1")
        task_id = task_id_of(case.submit(body))
        assert task_id is not None
        target.clock.pass_time(60)
        (url, *_) = result_urls_of(case.query(task_id))
        sent = case.result(url, task_id)
        assert sent is not None, family_name
        return sent.raw


VIDEO = _video("wan", {"model": "wan2.5-t2v-preview", "prompt": "A boat", "size": "832*480"})


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_films_of_the_mock_have_the_size_and_duration_that_were_ordered(family: Family) -> None:
    for planned in planned_tasks(family, 3, 6):
        body = planned.body
        model = family.model(body["model"])
        facts = film_facts(family, model, read_request(family, model, body).values)
        film = film_of(_video(family.name, body))
        assert film.problem == ""
        assert (film.width, film.height) == (facts.width, facts.height)
        assert film.duration_s == pytest.approx(facts.duration_s, abs=0.1)
        assert (film.frames, film.fps) == (facts.fps * facts.duration_s, facts.fps)
        assert (film.codec, film.has_sound) == ("avc1", False)


def test_facts_of_the_bytes_are_kept_whatever_is_wrong() -> None:
    film = film_of(VIDEO[:-1])
    assert (film.size, film.sha256) == (len(VIDEO) - 1, hashlib.sha256(VIDEO[:-1]).hexdigest())
    assert film.problem


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    assert film_of(raw).problem


@given(st.integers(0, len(VIDEO) - 1), st.integers(0, 255))
def test_one_changed_byte_is_read_or_told(at: int, byte: int) -> None:
    changed = bytearray(VIDEO)
    changed[at] = byte
    film = film_of(bytes(changed))
    assert film.problem or film.duration_s is not None


@given(st.integers(0, len(VIDEO) - 1))
def test_film_that_ends_early_is_told(length: int) -> None:
    assert film_of(VIDEO[:length]).problem


def _without_box(kind: bytes) -> bytes:
    return VIDEO.replace(kind, b"free")


@pytest.mark.parametrize("kind", [b"ftyp", b"moov", b"mvhd", b"tkhd", b"stco", b"stsz", b"mdat"])
def test_film_without_a_box_that_players_need_is_told(kind: bytes) -> None:
    assert film_of(_without_box(kind)).problem


def test_frames_that_are_no_frames_are_told() -> None:
    start = VIDEO.index(b"mdat") + 4
    blank = VIDEO[:start] + bytes(len(VIDEO) - start)
    assert "NAL units" in film_of(blank).problem


def _frame_at(number: int) -> int:
    (start,) = struct.unpack_from(">I", VIDEO, VIDEO.index(b"stco") + 12)
    sizes: tuple[int, ...] = struct.unpack_from(f">{number}I", VIDEO, VIDEO.index(b"stsz") + 16)
    return int(start) + sum(sizes)


@pytest.mark.parametrize("number", [0, 1, 11, 23, 60, 119])
@pytest.mark.parametrize("unit", [0, 0x7FFFFFFF])
def test_damage_in_any_frame_is_told_with_its_number(number: int, unit: int) -> None:
    at = _frame_at(number)
    film = film_of(VIDEO[:at] + struct.pack(">I", unit) + VIDEO[at + 4 :])
    assert f"frame {number + 1} of 120" in film.problem


@pytest.mark.parametrize("filler", [b"\0", b"\xff"])
def test_units_that_are_filled_with_something_else_are_told(filler: bytes) -> None:
    """A hole in a file, or noise, with the lengths as they were."""
    at = _frame_at(30) + 4
    film = film_of(VIDEO[:at] + filler * 12 + VIDEO[at + 12 :])
    assert "frame 31 of 120" in film.problem


def _with_number(kind: bytes, at: int, number: int) -> bytes:
    place = VIDEO.index(kind) + 4 + at
    return VIDEO[:place] + struct.pack(">I", number) + VIDEO[place + 4 :]


@pytest.mark.parametrize(
    ("kind", "at", "number", "told"),
    [
        (b"stsz", 8, 119, "times for 120 frames and sizes for 119"),
        (b"stsz", 8, 2**32 - 1, "more than there can be"),
        (b"stsz", 4, 1, "NAL units"),
        (b"stts", 4, 2**31, "more than it has"),
        (b"stts", 12, 0, "no time"),
        (b"mdhd", 12, 0, "no time"),
        (b"stsc", 8, 2, "which chunk"),
        (b"stsc", 12, 23, "places for"),
        (b"stco", 4, 1, "places for 24"),
    ],
)
def test_tables_that_contradict_each_other_are_told(kind: bytes, at: int, number: int, told: str) -> None:
    assert told in film_of(_with_number(kind, at, number)).problem


def test_frame_rate_is_that_of_the_times_of_the_frames() -> None:
    assert film_of(_with_number(b"mdhd", 12, 25 * 512)).fps == 25
    assert film_of(_with_number(b"stts", 12, 1024)).fps == 12


def test_codec_without_its_configuration_is_told() -> None:
    at = VIDEO.index(b"avc1", VIDEO.index(b"stsd"))
    for codec, told in ((b"hev1", "hvcC"), (b"none", "common codecs")):
        assert told in film_of(VIDEO[:at] + codec + VIDEO[at + 4 :]).problem


def test_film_without_a_track_of_pictures_is_told() -> None:
    assert "pictures" in film_of(VIDEO.replace(b"vide", b"soun", 1)).problem


def test_index_that_points_elsewhere_is_told() -> None:
    at = VIDEO.index(b"stco") + 12
    assert "outside" in film_of(VIDEO[:at] + struct.pack(">I", 1) + VIDEO[at + 4 :]).problem


def test_empty_index_box_at_the_end_is_told() -> None:
    ftyp = struct.pack(">I4s4s4s", 16, b"ftyp", b"isom", bytes(4))
    assert film_of(ftyp + struct.pack(">I4s", 8, b"mvhd")).problem


def test_film_of_boxes_without_end_is_told_soon() -> None:
    raw = struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 8, b"free") * 30_000
    assert "boxes" in film_of(raw).problem
