"""Facts about submits, family by family, asked as a consumer would in the dialect where they hold."""

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import LEAST, LONG, PICTURE, Consumer, seen
from nebula_mock.core.account import account_of
from nebula_schemas import contract
from nebula_schemas.catalogue import Dialect, catalogue

DIALECTS = get_args(Dialect)
both = pytest.mark.parametrize("dialect", DIALECTS)
I2V = {"model": "wan2.5-i2v-preview", "prompt": "A cat"}
LITE_I2V = "doubao-seedance-1-0-lite-i2v-250428"
LOUD, SILENT = "doubao-seedance-1-5-pro-251215", "doubao-seedance-1-5-pro-251215-noAudio"


@pytest.mark.parametrize(
    "family",
    [
        pytest.param("sora", marks=pytest.mark.proves("sora.prompt")),
        pytest.param("veo", marks=pytest.mark.proves("veo.prompt")),
        pytest.param("wan", marks=pytest.mark.proves("wan.prompt")),
    ],
)
@pytest.mark.parametrize("prompt", [None, "", " \t\n"])
@both
@pytest.mark.proves("errors.gateway.missing-prompt", "errors.documented.400")
def test_a_prompt_is_required_and_not_blank(dialect: Dialect, family: str, prompt: str | None) -> None:
    answer = Consumer(dialect).post({**LEAST[family], "prompt": prompt})
    expected = {
        "documented": {
            "error": {
                "message": "prompt is required",
                "type": "invalid_request_error",
                "code": "invalid_request",
            }
        },
        "gateway": {"code": "invalid_request", "message": "prompt is required", "data": None},
    }
    assert seen(answer) == (400, expected[dialect])


@pytest.mark.proves("sora.prompt")
@pytest.mark.parametrize(
    ("dialect", "name"), [("documented", "remix_from_video_id"), ("gateway", "remixVideoId")]
)
def test_a_remix_needs_a_prompt_too(dialect: Dialect, name: str) -> None:
    asked = Consumer(dialect)
    first = asked.ended(LEAST["sora"])["task_id"]
    answer = asked.post({"model": "sora-2", name: first})
    assert (answer.status_code, "prompt is required" in answer.get_data(as_text=True)) == (400, True)


@pytest.mark.proves("sora.user")
@both
def test_sora_takes_a_user(dialect: Dialect) -> None:
    assert Consumer(dialect).task({**LEAST["sora"], "user": "me"}).parameters["user"] == "me"


@pytest.mark.proves("veo.user")
@pytest.mark.parametrize(("dialect", "kept"), [("documented", "me"), ("gateway", None)])
def test_veo_takes_a_user_where_the_older_document_speaks(dialect: Dialect, kept: str | None) -> None:
    assert Consumer(dialect).task({**LEAST["veo"], "user": "me"}).parameters.get("user") == kept


@pytest.mark.proves("sora.size.json-never-refused")
@settings(max_examples=40)
@given(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers(), max_size=2))
def test_in_json_no_size_is_refused(size: Any) -> None:
    for dialect in DIALECTS:
        assert Consumer(dialect).post({**LEAST["sora"], "size": size}).status_code == 200


@pytest.mark.proves("wan.image", "wan.image.not-enforced")
@pytest.mark.parametrize(
    ("dialect", "code"), [("documented", "invalid_request"), ("gateway", "fail_to_fetch_task")]
)
def test_image_to_video_without_an_image_is_refused_by_the_gateway_or_by_its_upstream(
    dialect: Dialect, code: str
) -> None:
    answer = Consumer(dialect).post(I2V)
    told = answer.get_json()
    assert (answer.status_code, told.get("code") or told["error"]["code"]) == (400, code)


@pytest.mark.proves("wan.image")
@pytest.mark.parametrize(
    "image", [PICTURE, "oss://bucket/cat.png", "data:image/png;base64,aGVsbG8=", "a" * 32]
)
@both
def test_an_image_of_wan_may_be_url_oss_data_uri_or_base64(dialect: Dialect, image: str) -> None:
    assert Consumer(dialect).task({**I2V, "image": image}).parameters["image"] == image


SIZES = [
    pytest.param("480p", ["832*480", "480*832", "624*624"], marks=pytest.mark.proves("wan.size.480p")),
    pytest.param(
        "720p",
        ["1280*720", "720*1280", "960*960", "1088*832", "832*1088"],
        marks=pytest.mark.proves("wan.size.720p"),
    ),
    pytest.param(
        "1080p",
        ["1920*1080", "1080*1920", "1440*1440", "1632*1248", "1248*1632"],
        marks=pytest.mark.proves("wan.size.1080p"),
    ),
]


@pytest.mark.parametrize(("tier", "sizes"), SIZES)
def test_the_sizes_of_wans_billing_table_are_made_and_billed_by_their_tier(
    tier: str, sizes: list[str]
) -> None:
    asked = Consumer()
    for size in sizes:
        usage = asked.ended({**LEAST["wan"], "size": size})["metadata"]["usage"]
        assert (usage["size"], usage["resolution"]) == (size, tier)
    wan = catalogue().family("wan")
    assert wan.parameter("size").groups[tier] == tuple(sizes)


def inline(words: str, *roles: str, model: str = LITE_I2V) -> dict[str, Any]:
    """A Seedance submit of that text with pictures in those roles."""
    pictures = [{"type": "image_url", "image_url": {"url": PICTURE}, "role": role} for role in roles]
    return {"model": model, "metadata": {"content": [{"type": "text", "text": words}, *pictures]}}


@pytest.mark.proves("seedance.inline.first-last-resolution")
@pytest.mark.parametrize("resolution", ["480p", "720p"])
@both
def test_first_and_last_frame_are_made_at_480p_and_720p(dialect: Dialect, resolution: str) -> None:
    body = inline(f"A cat --rs {resolution}", "first_frame", "last_frame")
    assert Consumer(dialect).ended(body)["metadata"]["resolution"] == resolution


@pytest.mark.proves("seedance.content", "seedance.content.type")
@both
def test_the_whole_request_of_seedance_is_its_content(dialect: Dialect) -> None:
    """Items of other types are no part of it; the schema names the two there are."""
    body = inline("A cat --dur 10")
    body["metadata"]["content"].append({"type": "video", "text": "A dog --dur 5"})
    assert contract().violations("submit/seedance", body)[0].keyword == "enum"
    task = Consumer(dialect).task(body)
    assert (task.prompt, task.parameters["duration"]) == ("A cat --dur 10", 10)


@pytest.mark.proves("seedance.top-level", "seedance.passed-on", "seedance.task-type")
def test_the_gateway_passes_on_what_stands_in_metadata_alone() -> None:
    top = {
        "prompt": "A dog", "image": PICTURE, "duration": 10, "resolution": "480p", "aspect_ratio": "1:1",
        "seed": 7, "watermark": True,
    }  # fmt: skip
    hook = {"callback_url": "https://hooks.example.com/x", "return_last_frame": False}
    body = inline("A cat", model=LOUD)
    body["metadata"] |= hook
    task = Consumer("gateway").task({**body, **top})
    kept = {"resolution": "720p", "ratio": "16:9", "duration": 5, "fps": 24, "watermark": False}
    assert task.prompt == "A cat"
    assert dict(task.parameters) == {**kept, "camerafixed": False, **hook}


@pytest.mark.proves("seedance.task-type")
@both
def test_a_picture_in_the_content_is_all_that_image_to_video_takes(dialect: Dialect) -> None:
    model = "doubao-seedance-1-0-pro-250528"
    asked = Consumer(dialect)
    statuses = [
        asked.ended(inline("A cat", *roles, model=model))["status"] for roles in ((), ("first_frame",))
    ]
    assert statuses == ["succeeded", "succeeded"]


@pytest.mark.proves("seedance.audio")
@pytest.mark.parametrize("field", ["generateAudio", "generate_audio", "audio"])
@both
def test_sound_of_seedance_follows_from_the_model_alone(dialect: Dialect, field: str) -> None:
    """What a caller asks for changes nothing that is kept, and not the price, which tells the two apart."""
    prices = {}
    for model in (LOUD, SILENT):
        plain = Consumer(dialect).task(inline("A cat", model=model))
        for asked_for in (True, False):
            body = inline("A cat", model=model)
            body["metadata"][field] = asked_for
            task = Consumer(dialect).task({**body, field: asked_for})
            assert (task.parameters, task.price_usd) == (plain.parameters, plain.price_usd)
        prices[model] = plain.price_usd
    assert prices[LOUD] == 2 * prices[SILENT]


@pytest.mark.proves("seedance.only-model-checked", "seedance.placeholder")
def test_the_gateway_checks_nothing_of_seedance_but_its_model() -> None:
    asked = Consumer("gateway")
    tried: list[dict[str, Any]] = [{}, {"content": []}, {"content": [5, {"type": "text"}]}, {"other": True}]
    for metadata in tried:
        assert asked.post({"model": LITE_I2V, "metadata": metadata}).status_code == 200
    task = asked.task({"model": LITE_I2V})
    assert task.prompt == "视频生成请求"


@pytest.mark.proves("seedance.typed-fields", "errors.gateway.seedance-200")
@pytest.mark.parametrize("field", ["duration", "width", "height", "fps", "seed", "n"])
def test_the_type_of_fields_that_are_not_passed_on_is_checked_all_the_same(field: str) -> None:
    refused = Consumer("gateway").post({**LEAST["seedance"], field: "5"})
    assert seen(refused) == (200, {"code": "invalid_request", "message": "请求格式错误", "data": None})
    assert Consumer("gateway").post({**LEAST["seedance"], field: 5}).get_json()["status"] == "submitted"


@pytest.mark.proves("submitted.common", "submitted.status")
@both
def test_task_id_is_all_that_the_answers_have_in_common_and_status_is_submitted(dialect: Dialect) -> None:
    answers = [Consumer(dialect).submit(body) for body in LEAST.values()]
    assert set.intersection(*map(set, answers)) == {"task_id"}
    assert all(isinstance(answer["task_id"], str) for answer in answers)
    assert {answer.get("status", "submitted") for answer in answers} == {"submitted"}


@pytest.mark.proves("submitted.sora.metadata", "submitted.sora.gateway")
def test_the_gateway_gives_soras_own_object_at_submit() -> None:
    asked = Consumer("gateway")
    told = asked.submit({**LEAST["sora"], "size": "1280x720"})
    assert told["metadata"] == {
        "id": told["task_id"], "object": "video", "model": "sora-2", "status": "queued", "progress": 0,
        "created_at": int(asked.clock.now()), "completed_at": None, "expires_at": None, "error": None,
        "remixed_from_video_id": None, "seconds": "4", "size": "1280x720",
    }  # fmt: skip


@pytest.mark.proves("wan.audio-url", "wan.generate-audio")
@both
def test_a_sound_by_url_is_taken_unheard(dialect: Dialect) -> None:
    sound = "https://media.example.com/rain.mp3"
    asked = Consumer(dialect)
    task = asked.task({**LEAST["wan"], "audio_url": sound, "generate_audio": True})
    assert (task.parameters["audio_url"], task.parameters["generate_audio"]) == (sound, False)
    assert task.account == account_of("sk-facts")
    assert asked.query(task.task_id, after_s=LONG)["status"] == "succeeded"
