"""Promises of the request: what goes out under which name, what it comes to, which files it needs."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nebula_client import ConfigurationError
from nebula_client.request_rules import expected, paths_for, plain_names, submit_body
from nebula_schemas.catalogue import catalogue, read_request

unhurried = settings(deadline=None)

LITE = "doubao-seedance-1-0-lite-t2v-250428"
LOUD = "doubao-seedance-1-5-pro-251215"
PICTURE = "https://images.example.com/cat.png"

names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name not in {"prompt", "model"})
json_values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers(), max_size=3)
prompts = st.text(min_size=1).filter(str.strip)


@unhurried
@given(prompts, st.sampled_from(["sora-2", "no-such-model"]), st.dictionaries(names, json_values))
def test_parameters_go_out_under_the_names_they_were_given(
    prompt: str, model: str, parameters: dict[str, Any]
) -> None:
    """None counts as not given; everything else is the provider's to judge."""
    given_ones = {name: value for name, value in parameters.items() if value is not None}
    assert submit_body(prompt, model, parameters) == {"model": model, "prompt": prompt, **given_ones}


@unhurried
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "resolution": st.sampled_from(["480p", "720p", "1080p"]),
            "ratio": st.sampled_from(["16:9", "9:16", "adaptive"]),
            "duration": st.sampled_from([5, 10]),
            "fps": st.sampled_from([24, 30]),
            "seed": st.integers(0, 2**32 - 1),
            "watermark": st.booleans(),
            "camerafixed": st.booleans(),
        },
    )
)
def test_seedance_parameters_are_read_back_from_its_text(parameters: dict[str, Any]) -> None:
    family = catalogue().family_of_model[LITE]
    body = submit_body("A cat", LITE, parameters)
    values = read_request(family, family.model(LITE), body).values
    assert {name: values[name] for name in parameters} == parameters


def test_a_seedance_request_is_one_text_with_options_and_a_picture() -> None:
    body = submit_body("A cat", LOUD, {"dur": 10, "wm": True, "image": PICTURE, "return_last_frame": True})
    assert body == {
        "model": LOUD,
        "metadata": {
            "content": [
                {"type": "text", "text": "A cat --dur 10 --wm true"},
                {"type": "image_url", "image_url": {"url": PICTURE}, "role": "first_frame"},
            ],
            "return_last_frame": True,
        },
    }


def test_metadata_of_the_callers_own_is_left_alone() -> None:
    metadata = {"content": [{"type": "text", "text": "A cat --dur 10"}]}
    assert submit_body(None, LOUD, {"metadata": metadata}) == {"model": LOUD, "metadata": metadata}


def test_an_option_seedance_does_not_know_is_refused_with_those_it_knows() -> None:
    """Inside a text the provider would take it for a part of the prompt."""
    with pytest.raises(ConfigurationError) as caught:
        submit_body("A cat", LOUD, {"seconds": 5})
    assert str(caught.value).startswith("seconds: unknown to this family; it knows ")
    assert "duration" in str(caught.value)


@pytest.mark.parametrize("model", ["sora-2", LOUD, "no-such-model"])
@pytest.mark.parametrize("prompt", [None, "", " \t\n"])
def test_a_blank_prompt_is_refused(model: str, prompt: str | None) -> None:
    with pytest.raises(ConfigurationError, match="prompt is missing or blank"):
        submit_body(prompt, model, {})


@pytest.mark.parametrize("model", ["", " "])
def test_an_empty_model_is_refused(model: str) -> None:
    with pytest.raises(ConfigurationError, match="model is empty"):
        submit_body("A cat", model, {})


@pytest.mark.parametrize(
    ("model", "parameters", "price_and_count"),
    [
        ("sora-2", {"seconds": 8}, (Decimal("0.80"), 1)),
        ("sora-2", {"seconds": 7}, (Decimal("0.40"), 1)),
        ("veo-3.1-fast-generate-preview", {"sampleCount": 9}, (Decimal("2.40"), 4)),
        ("wan2.5-t2v-preview", {"resolution": "480p"}, (Decimal("0.1845"), 1)),
        (LOUD, {"duration": 10}, (Decimal("0.5184"), 1)),
        ("no-such-model", {}, None),
    ],
)
def test_what_a_request_comes_to_is_known_beforehand(
    model: str, parameters: dict[str, Any], price_and_count: tuple[Decimal, int] | None
) -> None:
    assert expected(submit_body("A cat", model, parameters)) == price_and_count


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("sora-2", {"seconds": "seconds", "size": "size", "image": "input_reference"}),
        (
            "veo-3.1-generate-preview",
            {
                "seconds": "durationSeconds",
                "resolution": "resolution",
                "ratio": "aspectRatio",
                "fps": "fps",
                "image": "image",
            },
        ),
        ("wan2.5-t2v-preview", {"seconds": "duration", "size": "size"}),
        ("wan2.5-i2v-preview", {"seconds": "duration", "resolution": "resolution", "image": "image"}),
        (LITE, {"seconds": "duration", "resolution": "resolution", "ratio": "ratio", "fps": "fps"}),
        (
            LOUD,
            {
                "seconds": "duration",
                "resolution": "resolution",
                "ratio": "ratio",
                "fps": "fps",
                "image": "image",
            },
        ),
        ("no-such-model", {}),
    ],
)
def test_plain_words_lead_to_each_familys_own_names(model: str, words: dict[str, str]) -> None:
    assert plain_names(model) == words


@pytest.mark.parametrize("model", sorted(catalogue().family_of_model))
def test_every_plain_word_leads_to_a_parameter_the_model_reads(model: str) -> None:
    family = catalogue().family_of_model[model]
    known = {parameter.name for parameter in family.parameters} | {"image"}
    assert set(plain_names(model).values()) <= known


@pytest.mark.parametrize(
    ("path", "count", "paths"),
    [
        ("cat.mp4", 1, ["cat.mp4"]),
        ("a.b/cat.mp4", 3, ["a.b/cat.mp4", "a.b/cat-2.mp4", "a.b/cat-3.mp4"]),
        ("cat", 2, ["cat", "cat-2"]),
    ],
)
def test_further_videos_are_numbered(path: str, count: int, paths: list[str]) -> None:
    assert paths_for(Path(path), count) == tuple(map(Path, paths))


@unhurried
@given(st.from_regex(r"[\w.-]{1,20}", fullmatch=True).filter(lambda name: name.strip(".")), st.integers(1, 9))
def test_every_video_has_a_file_of_its_own_in_one_folder(name: str, count: int) -> None:
    paths = paths_for(Path("folder") / name, count)
    assert len(set(paths)) == count
    assert {path.parent for path in paths} == {Path("folder")}
