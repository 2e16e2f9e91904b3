"""Promises of one value's reading: any JSON value has exactly one fate, and what is used is allowed."""

from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nebula_schemas import contract
from nebula_schemas.catalogue import Parameter, Reading, catalogue, read_value
from nebula_schemas.catalogue.coercion import Outcome, looks_like_image
from nebula_schemas.loader import BASE_URI

unhurried = settings(deadline=None, max_examples=150)

PARAMETERS = [(family.name, parameter) for family in catalogue().families for parameter in family.parameters]
TYPES: dict[str, type[Any]] = {"integer": int, "boolean": bool, "string": str, "array": list}

# Text that some rule reads: numbers, truths, sizes, spellings, image forms, ids.
telling = st.sampled_from(
    [
        "", " ", "0", "1", "4", "8", "-1", "+8", "7.6", "1e3", "8 ", "\N{FULLWIDTH DIGIT NINE}", "9" * 18, "9" * 19,
        "true", "TRUE", "yes", "no", "false", "on", "720p", "720P", "x720x", "4k", "9/16", "16-9",
        "1280x720", "1280*720", "https://images.example.com/cat.png", "oss://bucket/cat.png", "ftp://x",
        "data:image/png;base64,AAAA", "data:image/png;base64,", "A" * 16, "video_", "video", "adaptive",
    ]
)  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**310)
    | st.floats(allow_nan=False)
    | st.text()
    | telling
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
parameters = st.sampled_from([parameter for _, parameter in PARAMETERS])


def is_allowed(parameter: Parameter, value: Any) -> bool:
    """Whether a value may be in effect; written from the catalogue's words, not from its reader."""
    if not isinstance(value, TYPES[parameter.type]) or isinstance(value, bool) != (
        parameter.type == "boolean"
    ):
        return False
    if parameter.outside == "keep":
        return True
    if isinstance(value, list):  # the first is used; Wan keeps any text as a picture, here as in image
        return bool(value) and isinstance(value[0], str) and bool(value[0].strip())
    if parameter.form == "image":
        return isinstance(value, str) and looks_like_image(value)
    if parameter.form == "remix":
        return bool(value.startswith("video_"))
    low = -float("inf") if parameter.minimum is None else parameter.minimum
    high = float("inf") if parameter.maximum is None else parameter.maximum
    within = parameter.type != "integer" or low <= value <= high
    return within and (not parameter.allowed or value in parameter.allowed)


@unhurried
@given(parameters, json_values)
def test_every_value_has_one_of_five_fates(parameter: Parameter, given: object) -> None:
    reading = read_value(parameter, given)
    assert reading.outcome in get_args(Outcome)
    assert reading.parameter is parameter


@unhurried
@given(parameters, json_values)
def test_a_value_in_effect_is_always_allowed(parameter: Parameter, given: object) -> None:
    used = read_value(parameter, given).used
    assert used is None or is_allowed(parameter, used)


@unhurried
@given(parameters, json_values)
def test_a_fate_says_what_is_used(parameter: Parameter, given: object) -> None:
    """Rejected and ignored use nothing, coerced and accepted something, defaulted the default."""
    reading = read_value(parameter, given)
    used_nothing = {"rejected", "ignored"}
    if reading.outcome == "defaulted":
        assert (reading.given, reading.used) == (None, parameter.default)
        assert given is None or given == ""
    else:
        assert reading.given is given
        assert (reading.used is None) == (reading.outcome in used_nothing)


@unhurried
@given(parameters, json_values)
def test_what_is_used_is_accepted_when_sent_again(parameter: Parameter, given: object) -> None:
    """Coercion leads to a value that needs none."""
    used = read_value(parameter, given).used
    if used not in (None, ""):
        assert read_value(parameter, used) == Reading(parameter, used, used, "accepted")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        pytest.param(parameter, value, id=f"{family}-{parameter.name}-{value}")
        for family, parameter in PARAMETERS
        for value in parameter.allowed
    ],
)
def test_an_allowed_value_is_accepted_as_it_is(parameter: Parameter, value: int | str) -> None:
    assert read_value(parameter, value) == Reading(parameter, value, value, "accepted")


@unhurried
@given(st.sampled_from(PARAMETERS), scalars)
@example(("sora", catalogue().family("sora").parameter("seconds")), "8")
def test_what_the_documents_promise_is_never_coerced(place: tuple[str, Parameter], given: object) -> None:
    """The schemas of documented values and the reader say the same about every value."""
    family, parameter = place
    promised = (
        contract()
        .validator("submit/sora")
        .evolve(schema={"$ref": f"{BASE_URI}catalogue/{family}/values/{parameter.name}"})
    )
    plain = parameter.form is None and given != "" and not isinstance(given, float)
    if plain and promised.is_valid(given):
        reading = read_value(parameter, given)
        assert (reading.outcome, str(reading.used)) == ("accepted", str(given))


@unhurried
@given(parameters, json_values)
def test_a_models_own_default_stands_in_for_the_familys(parameter: Parameter, given: object) -> None:
    own = read_value(parameter, given, default="mine")
    familys = read_value(parameter, given)
    if familys.outcome == "defaulted" or (familys.outcome == "coerced" and own.used == "mine"):
        assert own == Reading(parameter, own.given, "mine", own.outcome)
    else:
        assert own == familys


@unhurried
@given(parameters, json_values)
def test_reading_changes_nothing_and_repeats(parameter: Parameter, given: object) -> None:
    before = repr(given)
    assert read_value(parameter, given) == read_value(parameter, given)
    assert repr(given) == before


@unhurried
@given(st.integers())
def test_samples_outside_the_bounds_become_the_nearest(count: int) -> None:
    reading = read_value(catalogue().family("veo").parameter("sampleCount"), count)
    assert reading.used == min(max(count, 1), 4)
    assert reading.outcome == ("accepted" if 1 <= count <= 4 else "coerced")


@unhurried
@given(st.floats(min_value=-100, max_value=100))
def test_sora_rounds_fractions_of_a_second(seconds: float) -> None:
    """SRC: numbers are rendered without decimals, so 7.6 is 8."""
    reading = read_value(catalogue().family("sora").parameter("seconds"), seconds)
    rounded = round(seconds)
    assert reading.used == (rounded if rounded in (4, 8, 12) else 4)
    assert reading.outcome == ("accepted" if seconds in (4, 8, 12) else "coerced")
