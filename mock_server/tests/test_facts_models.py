"""Facts about routes, keys and models, asked as a consumer would; older models and fields lead nowhere."""

import re
from typing import Any, get_args

import pytest

from asking import GENERATIONS, LEAST, PICTURE, Consumer, seen
from nebula_schemas.catalogue import Dialect, catalogue

DIALECTS = get_args(Dialect)
both = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.mark.proves("neighbours.videos")
def test_the_gateway_has_openai_style_routes_and_the_documents_do_not() -> None:
    gateway, documented = Consumer("gateway"), Consumer()
    submitted = gateway.client.post("/v1/videos", json=LEAST["sora"], headers=gateway.headers)
    task_id = submitted.get_json()["task_id"]
    queried = gateway.client.get(f"/v1/videos/{task_id}", headers=gateway.headers)
    assert queried.get_json() == gateway.query(task_id)
    answer = documented.client.post("/v1/videos", json=LEAST["sora"], headers=documented.headers)
    assert answer.status_code == 404


@pytest.mark.proves("neighbours.content", "errors.content.not-ready", "download.gen-id")
@pytest.mark.parametrize("path", ["/v1/videos/{}/content", GENERATIONS + "/{}/content/gen-1"])
def test_the_gateways_raw_video_asks_for_no_key_and_for_a_finished_task(path: str) -> None:
    gateway = Consumer("gateway")
    task_id = gateway.submit(LEAST["sora"])["task_id"]
    early = gateway.client.get(path.format(task_id))
    error = {
        "message": "Task is not completed yet, current status: NOT_START",
        "type": "invalid_request_error",
    }
    assert seen(early) == (400, {"error": error})
    gateway.clock.advance(30)
    late = gateway.client.get(path.format(task_id))
    assert (late.status_code, late.content_type, late.data[4:8]) == (200, "video/mp4", b"ftyp")
    assert late.headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/kling/v1/videos/text2video", marks=pytest.mark.proves("neighbours.vendors")),
        pytest.param("/doubao/v1/videos/x", marks=pytest.mark.proves("neighbours.vendors")),
        pytest.param("/jimeng/", marks=pytest.mark.proves("neighbours.vendors")),
        pytest.param("/api/sync/system/videos/generations", marks=pytest.mark.proves("neighbours.internal")),
    ],
)
@both
def test_routes_of_vendors_and_of_the_provider_itself_are_unknown(dialect: Dialect, path: str) -> None:
    asked = Consumer(dialect)
    answer = asked.client.post(path, json=LEAST["sora"], headers=asked.headers)
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (404, f"Invalid URL (POST {path})")


@pytest.mark.proves("auth.multipart")
@both
def test_a_submit_may_be_a_form(dialect: Dialect) -> None:
    asked = Consumer(dialect)
    answer = asked.form({"model": "sora-2", "prompt": "A cat", "seconds": "8"})
    assert answer.status_code == 200
    assert asked.query(answer.get_json()["task_id"])["metadata"]["seconds"] == "8"


@pytest.mark.proves("auth.request-id")
@both
def test_every_answer_names_its_request_by_time_and_eight_characters(dialect: Dialect) -> None:
    asked = Consumer(dialect)
    for answer in (asked.post(LEAST["sora"]), asked.get("/none"), asked.get("/download")):
        assert re.fullmatch("[0-9]{20}[A-Za-z0-9]{8}", answer.headers["X-Oneapi-Request-Id"])


@pytest.mark.proves("generic.model", "errors.gateway.missing-model", "errors.documented.400")
@both
def test_model_is_required(dialect: Dialect) -> None:
    answer = Consumer(dialect).post({"prompt": "A cat"})
    message = {"documented": "model is required", "gateway": "未指定模型名称"}[dialect]
    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"].startswith(message)


# What the generic page calls a field, and where a family that takes it shows its effect.
GENERIC = [
    pytest.param(
        {**LEAST["veo"], "image": PICTURE}, "image", PICTURE, marks=pytest.mark.proves("generic.image")
    ),
    pytest.param(
        {**LEAST["wan"], "duration": 10}, "duration", 10, marks=pytest.mark.proves("generic.duration")
    ),
    pytest.param(
        {**LEAST["veo"], "resolution": "4k"},
        "resolution",
        "1080p",
        marks=pytest.mark.proves("generic.resolution"),
    ),
    pytest.param(
        {**LEAST["seedance"], "aspect_ratio": "adaptive"},
        "ratio",
        "adaptive",
        marks=pytest.mark.proves("generic.aspect-ratio"),
    ),
    pytest.param(
        {**LEAST["veo"], "aspect_ratio": "21:9"},
        "aspectRatio",
        "16:9",
        marks=pytest.mark.proves("generic.aspect-ratio"),
    ),
]


@pytest.mark.parametrize(("body", "parameter", "used"), GENERIC)
def test_the_generic_fields_count_where_a_family_takes_them(
    body: dict[str, Any], parameter: str, used: object
) -> None:
    """And a value that the family does not have is coerced, as 4k or 21:9 of Veo."""
    assert Consumer().task(body).parameters[parameter] == used


def content(*roles: str, text: str = "A cat --rs 480p") -> dict[str, Any]:
    """Seedance's ``metadata`` with a text and pictures in those roles."""
    pictures = [{"type": "image_url", "image_url": {"url": PICTURE}, "role": role} for role in roles]
    return {"metadata": {"content": [{"type": "text", "text": text}, *pictures]}}


FIRST, LAST = {"image": PICTURE}, {"image": PICTURE, "lastFrame": PICTURE}
SEEDANCE = "doubao-seedance-1-0-"
# Model and a submit of each mode it has.
MODES = [
    pytest.param("sora-2", [{}, {"input_reference": PICTURE}], marks=pytest.mark.proves("models.sora-2", "sora.model")),
    pytest.param("veo-3.0-fast-generate-001", [{}, FIRST], marks=pytest.mark.proves("models.veo-3-0-fast", "veo.model")),
    pytest.param("veo-3.1-fast-generate-preview", [{}, FIRST, LAST], marks=pytest.mark.proves("models.veo-3-1-fast")),
    pytest.param("wan2.5-t2v-preview", [{}], marks=pytest.mark.proves("models.wan-t2v", "wan.model")),
    pytest.param("wan2.5-i2v-preview", [FIRST], marks=pytest.mark.proves("models.wan-i2v", "wan.model")),
    pytest.param(
        f"{SEEDANCE}lite-t2v-250428",
        [content()],
        marks=pytest.mark.proves("models.seedance-lite-t2v", "seedance.model"),
    ),
    pytest.param(
        f"{SEEDANCE}lite-i2v-250428",
        [
            content("first_frame"),
            content("first_frame", "last_frame"),
            content("reference_image", "reference_image", text="[图1]和[图2]"),
        ],
        marks=pytest.mark.proves("models.seedance-lite-i2v", "seedance.content.role", "seedance.references"),
    ),
    pytest.param(
        f"{SEEDANCE}pro-250528",
        [content(), content("first_frame")],
        marks=pytest.mark.proves("models.seedance-pro", "seedance.content.image-url"),
    ),
    pytest.param(
        "doubao-seedance-1-5-pro-251215",
        [content(), content("first_frame"), content("first_frame", "last_frame")],
        marks=pytest.mark.proves("models.seedance-1-5"),
    ),
    pytest.param(
        "doubao-seedance-1-5-pro-251215-noAudio",
        [content(), content("first_frame"), content("first_frame", "last_frame")],
        marks=pytest.mark.proves("models.seedance-1-5-silent"),
    ),
    pytest.param("veo-3.0-generate-preview", [{}, FIRST], marks=pytest.mark.proves("models.veo-previews")),
    pytest.param("veo-3.1-generate-preview", [{}, FIRST, LAST], marks=pytest.mark.proves("models.veo-previews")),
    pytest.param("veo-3.0-generate-001", [{}, FIRST], marks=pytest.mark.proves("models.veo-3-0")),
]  # fmt: skip


@pytest.mark.parametrize(("model", "submits"), MODES)
@both
def test_a_model_makes_a_video_in_each_of_its_modes(
    dialect: Dialect, model: str, submits: list[dict[str, Any]]
) -> None:
    asked = Consumer(dialect)
    for more in submits:
        assert asked.ended({"model": model, "prompt": "A cat", **more})["status"] == "succeeded"


@pytest.mark.proves("models.sora-2", "sora.remix-documented-name", "sora.remix-source-names")
@pytest.mark.parametrize(
    ("dialect", "name"), [("documented", "remix_from_video_id"), ("gateway", "remix_video_id")]
)
def test_sora_remakes_a_finished_video(dialect: Dialect, name: str) -> None:
    asked = Consumer(dialect)
    first = asked.ended({**LEAST["sora"], "seconds": 8})["task_id"]
    made = asked.ended({"model": "sora-2", "prompt": "A dog", name: first})
    assert made["metadata"]["remixed_from_video_id"] == first
    assert made["metadata"]["seconds"] == "8"


@pytest.mark.proves("models.sora-2-pro")
def test_sora_2_pro_is_known_to_the_gateway_alone() -> None:
    body = {"model": "sora-2-pro", "prompt": "A cat"}
    assert [Consumer(dialect).post(body).status_code for dialect in DIALECTS] == [503, 200]


UNKNOWN = [
    pytest.param("veo-2", marks=pytest.mark.proves("models.veo-2", "old-site.models")),
    *[
        pytest.param(model, marks=pytest.mark.proves("models.doubao-internal"))
        for model in ("doubao-seaweed-1-0-t2v-250428", "wan2-1-14b-i2v-250417", "wan2-1-14b-flf2v-250417")
    ],
    *[
        pytest.param(model, marks=pytest.mark.proves("models.generic-2025"))
        for model in (
            "kling-v1", "kling-v1-6", "kling-v2-master", "doubao-video-v1", "doubao-video", "vidu-video",
            "jimeng_vgfm_t2v_l20",
        )
    ],
    *[
        pytest.param(model, marks=pytest.mark.proves("models.third-party"))
        for model in (
            "doubao-seedance-2-0-260128", "doubao-seedance-2-0-fast-260128", "wan2.6-t2v", "wan2.6-i2v",
            "wan2.6-i2v-flash", "MiniMax-Hailuo-02", "MiniMax-Hailuo-2.3", "MiniMax-Hailuo-2.3-Fast",
        )
    ],
]  # fmt: skip


@pytest.mark.proves("errors.gateway.unknown-model")
@pytest.mark.parametrize("model", UNKNOWN)
@both
def test_models_of_older_pages_and_of_others_are_unknown(dialect: Dialect, model: str) -> None:
    answer = Consumer(dialect).post({"model": model, "prompt": "A cat"})
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (503, "model_not_found")
    assert error["message"].startswith(f"分组 default 下模型 {model} 无可用渠道")
    assert model not in catalogue().in_dialect(dialect).family_of_model
