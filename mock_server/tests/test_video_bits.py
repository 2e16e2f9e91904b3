"""Promises of the bit layer: what is written is read back, and no start code can hide inside."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula_mock.video.bits import (
    BitReader,
    BitWriter,
    with_emulation_prevention,
    without_emulation_prevention,
)
from nebula_mock.video.errors import BitstreamError

MAX_UE = 2**32 - 2
MAX_SE = 2**31 - 1

# Many zeros, so that emulation prevention has something to do.
zero_heavy = st.lists(st.sampled_from(b"\x00\x00\x00\x01\x02\x03\x04\xff")).map(bytes)


@pytest.mark.parametrize(
    ("number", "code"), [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (7, "0001000"), (8, "0001001")]
)
def test_unsigned_codes_are_those_of_the_standard(number: int, code: str) -> None:
    """Source: ISO/IEC 14496-10, table 9-2."""
    writer = BitWriter()
    writer.ue(number)
    assert writer.position == len(code)
    assert writer.rbsp() == int((code + "1").ljust(8, "0"), 2).to_bytes(1, "big")


@pytest.mark.parametrize(("code", "number"), [(0, 0), (1, 1), (2, -1), (3, 2), (4, -2), (5, 3)])
def test_signed_codes_alternate(code: int, number: int) -> None:
    """Source: ISO/IEC 14496-10, table 9-3."""
    writer = BitWriter()
    writer.ue(code)
    assert BitReader(writer.rbsp()).se() == number


@given(st.lists(st.integers(0, MAX_UE)), st.lists(st.integers(-MAX_SE, MAX_SE)))
def test_exp_golomb_codes_round_trip(unsigned: list[int], signed: list[int]) -> None:
    writer = BitWriter()
    for number in unsigned:
        writer.ue(number)
    for number in signed:
        writer.se(number)
    reader = BitReader(writer.rbsp())
    assert [reader.ue() for _ in unsigned] == unsigned
    assert [reader.se() for _ in signed] == signed
    assert reader.position == writer.position


@given(st.lists(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, 2**n - 1), st.just(n)))))
def test_fixed_fields_round_trip(fields: list[tuple[int, int]]) -> None:
    writer = BitWriter()
    for value, count in fields:
        writer.bits(value, count)
    reader = BitReader(writer.rbsp())
    assert [(reader.bits(count), count) for _, count in fields] == fields
    assert reader.flag(), "the stop bit follows"


@given(zero_heavy, st.sampled_from([b"\x80", b"\x01", b"\x80\x00\x00", b"\x80\x00\x00\x00\x00"]))
def test_emulation_prevention_round_trips_and_hides_start_codes(start: bytes, end: bytes) -> None:
    """``end`` holds the stop bit, in two cases with cabac_zero_words behind it."""
    guarded = with_emulation_prevention(start + end)
    assert without_emulation_prevention(guarded) == start + end
    assert not re.search(rb"\x00\x00[\x00-\x02]", guarded)
    assert not guarded.endswith(b"\x00")


@pytest.mark.parametrize("count", [9, 64])
def test_reading_past_the_end_is_an_error(count: int) -> None:
    with pytest.raises(BitstreamError, match="ends at bit 8"):
        BitReader(b"\xff").bits(count)


def test_endless_zeros_are_refused_as_a_code() -> None:
    with pytest.raises(BitstreamError, match="leading zeros"):
        BitReader(bytes(32)).ue()


@pytest.mark.parametrize(("value", "count"), [(-1, 4), (16, 4), (1, 0)])
def test_a_value_that_does_not_fit_its_field_is_refused(value: int, count: int) -> None:
    with pytest.raises(BitstreamError, match=f"found value {value}"):
        BitWriter().bits(value, count)


@pytest.mark.parametrize("value", [-1, MAX_UE + 1])
def test_a_number_without_a_code_is_refused(value: int) -> None:
    with pytest.raises(BitstreamError, match=f"found {value}"):
        BitWriter().ue(value)
