"""Every video that the catalogue allows is real: size, rate, duration and frames, by a real decoder."""

import io
import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import av.container
import pytest

from decoding import Decoded, decoded
from nebula_mock.video.film import Film, FilmSpec
from nebula_schemas.catalogue import DIALECTS, Family, FilmFacts, Model, Parameter, catalogue, film_facts

# Where only bounds are given (Veo's fps, the gateway's duration of Wan): the ends, and what lies between.
BETWEEN = (1, 24, 60, 240)


def _values(model: Model, parameter: Parameter) -> tuple[Any, ...]:
    allowed = {*parameter.allowed, *model.form_values.get(parameter.name, ())}
    low, high = parameter.minimum or 0, parameter.maximum or 0
    return tuple(sorted(allowed)) or tuple(value for value in BETWEEN if low <= value <= high)


def _combinations(family: Family, model: Model) -> Iterator[FilmFacts]:
    rule = model.video
    names = [rule.duration, rule.fps, rule.size_parameter, rule.size_rows, rule.size_columns]
    deciding = [family.parameter(name) for name in names if isinstance(name, str)]
    for values in itertools.product(*(_values(model, one) for one in deciding)):
        yield film_facts(family, model, dict(zip((one.name for one in deciding), values, strict=True)))


def _film(facts: FilmFacts) -> bytes:
    spec = FilmSpec(facts.width, facts.height, facts.fps, facts.duration_s)
    return b"".join(bytes(block) for block in Film(spec, "video_1/0").read())


MODELS = [
    pytest.param(family, model, id=f"{dialect}-{model.id}")
    for dialect in DIALECTS
    for family in catalogue().in_dialect(dialect).families
    for model in family.models
]
ALL_FACTS = {facts for one in MODELS for facts in _combinations(*one.values)}  # type: ignore[arg-type]
# Whole decoding once a frame size and rate, at its shortest; the loop repeats after a second.
SHORTEST = sorted(
    {
        min((f for f in ALL_FACTS if (f.width, f.height, f.fps) == key), key=lambda f: f.duration_s)
        for key in {(f.width, f.height, f.fps) for f in ALL_FACTS if f.fps <= 60}
    },
    key=lambda f: (f.width, f.height, f.fps),
)


@pytest.mark.parametrize(("family", "model"), MODELS)
def test_every_combination_of_a_model_says_what_was_asked_for(family: Family, model: Model) -> None:
    """What the container tells a player: frame size, frame count, rate, duration."""
    for facts in _combinations(family, model):
        with av.open(io.BytesIO(_film(facts))) as container:
            assert isinstance(container, av.container.InputContainer)
            stream = container.streams.video[0]
            assert (stream.width, stream.height, stream.frames) == (
                facts.width,
                facts.height,
                facts.fps * facts.duration_s,
            )
            assert stream.average_rate == Fraction(facts.fps)
            assert stream.duration is not None
            assert stream.time_base is not None
            assert stream.duration * stream.time_base == Fraction(facts.duration_s)


@pytest.mark.parametrize("facts", SHORTEST, ids=lambda f: f"{f.width}x{f.height}@{f.fps}")
def test_every_frame_size_and_rate_decodes_to_the_last_frame(facts: FilmFacts) -> None:
    expected = Decoded(
        width=facts.width,
        height=facts.height,
        frames=facts.fps * facts.duration_s,
        fps=Fraction(facts.fps),
        duration_s=Fraction(facts.duration_s),
        codec="h264",
    )
    assert decoded(_film(facts)) == expected
