"""Promises of the draws: one key, one outcome, whatever was drawn before and by whom."""

import string
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock.core.draws import Draw, Draws

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

names = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
keys = st.tuples(names, names, st.integers(0, 10**6), names)
digests = st.binary(min_size=64, max_size=64)

KEYS = [(account, "submit", ordinal, "task-id") for account in ("a", "b") for ordinal in range(500)]


@patient
@given(st.binary(min_size=1), keys)
def test_the_same_key_is_the_same_draw(seed: bytes, key: tuple[str, str, int, str]) -> None:
    assert Draws(seed).draw(*key) == Draws(seed).draw(*key)


@patient
@given(st.lists(keys, unique=True, min_size=2))
def test_another_key_is_another_draw(drawn: list[tuple[str, str, int, str]]) -> None:
    draws = Draws(b"seed")
    assert len({draws.draw(*key).digest for key in drawn}) == len(drawn)


@patient
@given(st.lists(st.text("0123456789", min_size=1), unique=True, min_size=2))
def test_another_seed_gives_other_draws(seeds: list[str]) -> None:
    assert len({Draws(seed.encode()).draw("a", "submit", 0, "x") for seed in seeds}) == len(seeds)


def test_the_order_of_32_threads_does_not_matter() -> None:
    draws = Draws(b"1")
    shuffled = [*KEYS[1::2], *reversed(KEYS[::2])]
    with ThreadPoolExecutor(32) as pool:
        drawn = dict(zip(shuffled, pool.map(lambda key: draws.draw(*key), shuffled), strict=True))
    assert drawn == {key: Draws(b"1").draw(*key) for key in KEYS}


@patient
@given(digests)
def test_every_uuid_is_of_version_4(digest: bytes) -> None:
    text = Draw(digest).uuid4()
    read = uuid.UUID(text)
    assert (str(read), read.version, read.variant) == (text, 4, uuid.RFC_4122)


@patient
@given(digests, st.integers(0, 128))
def test_hexadecimal_digits_are_as_many_as_asked(digest: bytes, length: int) -> None:
    text = Draw(digest).hex(length)
    assert len(text) == length
    assert set(text) <= set("0123456789abcdef")


@patient
@given(digests, st.integers(1, 12), st.integers(0, 10**9))
def test_a_serial_has_as_many_letters_and_digits_as_asked(digest: bytes, length: int, ordinal: int) -> None:
    text = Draw(digest).serial(length, ordinal)
    assert len(text) == length
    assert set(text) <= set(string.digits + string.ascii_lowercase)


@patient
@given(digests, st.integers(1, 2))
def test_a_serial_visits_every_text_of_its_length_before_it_repeats(digest: bytes, length: int) -> None:
    draw, texts = Draw(digest), 36**length
    serials = [draw.serial(length, ordinal) for ordinal in range(2 * texts)]
    assert len(set(serials)) == texts
    assert serials[:texts] == serials[texts:]


@patient
@given(digests)
def test_serials_do_not_look_like_counting(digest: bytes) -> None:
    serials = [Draw(digest).serial(5, ordinal) for ordinal in range(50)]
    for before, after in pairwise(serials):
        assert sum(one != other for one, other in zip(before, after, strict=True)) >= 3


def test_every_hexadecimal_digit_is_drawn() -> None:
    drawn = (Draws(b"1").draw("a", "submit", n, "x").hex(8) for n in range(100))
    assert set("".join(drawn)) == set("0123456789abcdef")
