"""Promises of the check before a submit: what the provider would refuse, change or drop is told, and not paid for."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_client import ChangedValueWarning, ConfigurationError, VideoClient
from nebula_schemas.catalogue import catalogue, read_request
from scripted import Scripted, told

TAKEN = told({"task_id": "video_69095b4ce0048190893a01510c0c98b0"})
MODELS = [model.id for family in catalogue().families for model in family.models]


def submitted(model: str, *, strict: bool | None = None, **parameters: Any) -> Scripted:
    """The provider after a submit."""
    provider = Scripted(TAKEN)
    with VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider) as client:
        client.submit("A cat", model=model, strict=strict, **parameters)
    return provider


CHANGED = [
    ("sora-2", {"seconds": 7}, "sora-2: seconds: found 7, the provider uses 4; expected 4, 8, 12."),
    (
        "sora-2",
        {"size": "1x1"},
        'sora-2: size: found "1x1", the provider uses "720x1280"; expected "720x1280", "1280x720".',
    ),
    (
        "veo-3.0-generate-001",
        {"seed": "x"},
        'veo-3.0-generate-001: seed: found "x", which has no effect on this model.',
    ),
]


@pytest.mark.parametrize(("model", "parameters", "words"), CHANGED)
def test_a_value_that_is_not_used_as_given_is_a_warning_that_names_both(
    model: str, parameters: dict[str, Any], words: str
) -> None:
    with pytest.warns(ChangedValueWarning) as caught:
        provider = submitted(model, **parameters)
    assert [str(warning.message) for warning in caught] == [words]
    assert Path(caught[0].filename).name == Path(__file__).name
    assert len(provider.requests) == 1


@pytest.mark.parametrize(("model", "parameters", "words"), CHANGED)
def test_strict_makes_it_an_error_and_nothing_is_sent(
    model: str, parameters: dict[str, Any], words: str
) -> None:
    provider = Scripted(TAKEN)
    choices: list[dict[str, Any]] = [{"strict": True}, {}]
    for options in choices:
        with (
            VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider, strict=not options) as client,
            pytest.raises(ConfigurationError) as caught,
        ):
            client.submit("A cat", model=model, **options, **parameters)
        assert str(caught.value) == f"{words} Nothing was sent."
    assert provider.requests == []


@pytest.mark.parametrize(
    ("model", "parameters", "words"),
    [
        ("wan2.5-t2v-preview", {"duration": "5"}, 'duration: found "5", expected 5, 10'),
        ("wan2.5-i2v-preview", {}, "image: found nothing, expected one, which this model needs"),
        ("wan2.5-t2v-preview", {"size": 5}, 'size: found 5, expected "832\\*480", "480\\*832"'),
    ],
)
def test_a_value_the_provider_would_refuse_is_not_sent(
    model: str, parameters: dict[str, Any], words: str
) -> None:
    provider = Scripted(TAKEN)
    with (
        VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider) as client,
        pytest.raises(ConfigurationError, match=words),
    ):
        client.submit("A cat", model=model, **parameters)
    assert provider.requests == []


def test_a_model_newer_than_the_catalogue_is_not_judged() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(submitted("sora-9", seconds="ages").requests) == 1


@pytest.mark.parametrize(
    ("prompt", "model"), [(5, "sora-2"), (b"A cat", "sora-2"), ("A cat", 5), ("A cat", None), ([], "x")]
)
def test_a_prompt_or_model_that_is_no_text_is_not_sent(prompt: Any, model: Any) -> None:
    provider = Scripted(TAKEN)
    with (
        VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider) as client,
        pytest.raises(ConfigurationError),
    ):
        client.submit(prompt, model=model)
    assert provider.requests == []


def test_a_value_in_another_spelling_is_no_change() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        submitted("sora-2", seconds="8")


json_values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)


@settings(deadline=None)
@given(data=st.data())
def test_what_is_told_is_what_the_catalogue_says(data: st.DataObject) -> None:
    """For every model and any value of any parameter: refused, warned of, or quiet, by its outcome alone."""
    model = data.draw(st.sampled_from(MODELS))
    family = catalogue().family_of_model[model]
    names = [rule.name for rule in family.parameters if rule.at == "body" and not rule.inline] or ["image"]
    parameters: dict[str, Any] = {data.draw(st.sampled_from(names)): data.draw(json_values)}
    provider = Scripted(TAKEN)
    with (
        warnings.catch_warnings(record=True) as caught,
        VideoClient("sk-test", "http://127.0.0.1:9", adapter=provider) as client,
    ):
        warnings.simplefilter("always")
        try:
            client.submit("A cat", model=model, **parameters)
        except ConfigurationError:
            assert provider.requests == []
            return
    body = {"model": model, "prompt": "A cat", **parameters}
    usage = read_request(family, family.model(model), body)
    if family.prompt_at == "prompt":
        assert usage.with_outcome("rejected") == ()
        told_names = {str(warning.message).split(": ")[1] for warning in caught}
        coerced = {reading.parameter.name for reading in usage.with_outcome("coerced")}
        ignored = {reading.parameter.name for reading in usage.with_outcome("ignored")}
        assert coerced | (ignored & set(parameters)) <= told_names <= coerced | ignored
    assert len(provider.requests) == 1
