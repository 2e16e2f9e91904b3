"""Facts about refusals, row by row, in the dialect where they hold."""

import json
import logging
from decimal import Decimal
from typing import Any, get_args

import pytest

from asking import LEAST, PICTURE, Consumer, seen
from nebula_mock import AccountRules
from nebula_schemas import contract, problem_table
from nebula_schemas.catalogue import Dialect

DIALECTS = get_args(Dialect)
both = pytest.mark.parametrize("dialect", DIALECTS)
KEY = "sk-facts"
GONE = "video_" + "0" * 32
BUSY = "当前分组上游负载已饱和，请稍后再试"  # noqa: RUF001 - the provider's own comma
HIDDEN = "请求上游地址失败"


def e1(answer: tuple[int, Any]) -> tuple[int, str, str, str]:
    """Status, type, code and message of an E1 refusal, the request's id cut off."""
    status, body = answer
    contract().check("errors/e1", body)
    error = body["error"]
    return status, error["type"], error["code"], error["message"].partition(" (request id: ")[0]


def e2(answer: tuple[int, Any]) -> tuple[int, str, str]:
    """Status, code and message of an E2 refusal."""
    status, body = answer
    contract().check("errors/e2", body)
    return status, body["code"], body["message"]


def with_rules(dialect: Dialect, **rules: Any) -> Consumer:
    """A consumer whose account has those rules."""
    return Consumer(dialect, accounts={KEY: AccountRules(**rules)})


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(None, "未提供令牌", marks=pytest.mark.proves("errors.gateway.missing-key")),
        pytest.param("Bearer sk-other", "无效的令牌", marks=pytest.mark.proves("errors.gateway.invalid-key")),
    ],
)
@pytest.mark.proves("envelope.e1", "errors.documented.401")
def test_a_missing_and_an_unknown_key_are_told_apart_by_the_gateway_alone(
    key: str | None, expected: str
) -> None:
    answers = {}
    for dialect in DIALECTS:
        asked = Consumer(dialect, keys=(KEY,))
        asked.headers = {} if key is None else {"Authorization": key}
        answers[dialect] = e1(seen(asked.get("/x")))
    assert answers["gateway"] == (401, "nebula_api_error", "", expected)
    assert answers["documented"] == (401, "authentication_error", "invalid_api_key", "Invalid API key")


STANDINGS = [
    pytest.param("expired", 401, "该令牌已过期", marks=pytest.mark.proves("errors.gateway.key-standing")),
    pytest.param("disabled", 401, "该令牌状态不可用", marks=pytest.mark.proves("errors.gateway.key-standing")),
    pytest.param("exhausted", 401, "该令牌额度已用尽", marks=pytest.mark.proves("errors.gateway.key-standing")),
    pytest.param("ip-refused", 403, "您的 IP ", marks=pytest.mark.proves("errors.gateway.key-403", "errors.documented.403")),
    pytest.param("banned", 403, "用户已被封禁", marks=pytest.mark.proves("errors.gateway.key-403", "errors.documented.403")),
    pytest.param("group-disabled", 403, "分组 ", marks=pytest.mark.proves("errors.gateway.key-403", "errors.documented.403")),
]  # fmt: skip


@pytest.mark.parametrize(("standing", "status", "words"), STANDINGS)
def test_the_standing_of_a_key_is_told_in_the_dialects_words(standing: Any, status: int, words: str) -> None:
    documented = e1(seen(with_rules("documented", standing=standing).get("/x")))
    code, kind, empty, message = e1(seen(with_rules("gateway", standing=standing).get("/x")))
    assert (code, kind, empty) == (status, "nebula_api_error", "")
    assert message.startswith(words)
    assert documented[:2] == (status, "authentication_error" if status == 401 else "permission_denied")


@pytest.mark.proves("errors.gateway.key-403", "auth.channel-suffix")
def test_a_channel_in_the_key_is_a_403_of_the_gateway_alone() -> None:
    statuses = {dialect: Consumer(dialect, key="sk-facts-7").post(LEAST["sora"]).status_code for dialect in DIALECTS}  # fmt: skip
    assert statuses == {"documented": 200, "gateway": 403}


@pytest.mark.proves("errors.gateway.model-not-allowed", "errors.documented.403")
def test_a_bound_key_is_refused_by_the_gateway_on_queries_too() -> None:
    gateway = with_rules("gateway", models=("sora-2",))
    refused = e1(seen(gateway.post(LEAST["veo"])))
    assert refused == (403, "nebula_api_error", "", "该令牌无权访问模型 veo-3.1-generate-preview")
    task_id = gateway.submit(LEAST["sora"])["task_id"]
    assert e1(seen(gateway.get(f"/{task_id}"))) == (403, "nebula_api_error", "", "该令牌无权访问模型 ")
    documented = with_rules("documented", models=("sora-2",))
    assert documented.get(f"/{documented.submit(LEAST['sora'])['task_id']}").status_code == 200
    assert e1(seen(documented.post(LEAST["veo"])))[:2] == (403, "permission_denied")


@pytest.mark.proves("errors.gateway.malformed-json", "errors.documented.400")
@pytest.mark.parametrize(
    ("dialect", "kind", "words"),
    [
        ("documented", "invalid_request_error", "Invalid request body: "),
        ("gateway", "nebula_api_error", "Invalid request, video"),
    ],
)
def test_json_that_cannot_be_read_is_told_with_the_reason(dialect: Dialect, kind: str, words: str) -> None:
    asked = Consumer(dialect)
    answer = asked.client.post(
        "/v1/video/generations", data=b"{", content_type="application/json", headers=asked.headers
    )
    status, found, _, message = e1(seen(answer))
    assert (status, found) == (400, kind)
    assert message.startswith(words)
    assert "line 1 column 2" in message


@pytest.mark.proves("errors.gateway.missing-model", "auth.json")
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_not_read_so_that_it_has_no_model(content_type: str) -> None:
    asked = Consumer("gateway")
    raw = json.dumps(LEAST["sora"])
    other = asked.client.post(
        "/v1/video/generations", data=raw, content_type=content_type, headers=asked.headers
    )
    assert e1(seen(other)) == e1(seen(asked.post({"prompt": "A cat"})))


@pytest.mark.proves("errors.gateway.wrong-type")
@pytest.mark.parametrize(
    ("family", "code"), [("veo", "invalid_request"), ("wan", "invalid_request"), ("sora", "invalid_json")]
)
def test_a_wrong_json_type_has_a_code_of_the_family(family: str, code: str) -> None:
    status, found, _ = e2(seen(Consumer("gateway").post({**LEAST[family], "prompt": 5})))
    assert (status, found) == (400, code)
    documented = e1(seen(Consumer().post({**LEAST[family], "prompt": 5})))
    assert documented[:2] == (400, "invalid_request_error")


@pytest.mark.proves("errors.gateway.multipart", "sora.size.multipart")
@both
def test_forms_of_sora_have_refusals_of_their_own(dialect: Dialect) -> None:
    asked = Consumer(dialect)
    assert e2(seen(asked.form({"model": "sora-2"}))) == (400, "missing_prompt", "prompt field is required")
    sized = asked.form({**LEAST["sora"], "size": "1x1"})
    assert e2(seen(sized)) == (400, "invalid_size", "sora-2 size is invalid")
    broken = asked.client.post(
        "/v1/video/generations",
        data=b"--x\r\nbroken",
        content_type="multipart/form-data; boundary=x",
        headers=asked.headers,
    )
    assert e2(seen(broken))[:2] == (400, "invalid_multipart_form")
    shadowed = problem_table()["missing-model-field"].answer(dialect)
    assert (shadowed.status, shadowed.code, shadowed.message) == (
        400,
        "missing_model",
        "model field is required",
    )


@pytest.mark.proves("errors.gateway.quota", "errors.wan-page", "errors.documented.403")
def test_a_balance_below_the_price_is_a_403() -> None:
    gateway, documented = (Consumer(dialect, balance_usd=Decimal("0.01")) for dialect in ("gateway", "documented"))  # fmt: skip
    words = (403, "quota_not_enough", "user quota is not enough")
    assert [e2(seen(gateway.post(LEAST[family]))) for family in ("sora", "wan")] == [words, words]
    assert e1(seen(documented.post(LEAST["sora"])))[:2] == (403, "permission_denied")
    assert e2(seen(documented.post(LEAST["wan"])))[:2] == (403, "InsufficientQuota")


@pytest.mark.proves("errors.gateway.upstream-429", "errors.documented.429", "errors.wan-page")
def test_too_much_at_once_is_a_429() -> None:
    answers = {}
    for dialect in DIALECTS:
        asked = with_rules(dialect, most_running=1)
        asked.submit(LEAST["sora"])
        answers[dialect] = [seen(asked.post(LEAST[family])) for family in ("sora", "wan")]
    assert [e2(answer) for answer in answers["gateway"]] == [(429, "fail_to_fetch_task", BUSY)] * 2
    assert e1(answers["documented"][0])[:2] == (429, "rate_limit_error")
    assert e2(answers["documented"][1])[:2] == (429, "Throttling.RateLimit")


@pytest.mark.proves("errors.gateway.upstream-refused", "wan.duration.forwarded", "errors.masking")
def test_an_upstreams_refusal_comes_back_as_text_with_its_status() -> None:
    asked = Consumer("gateway")
    status, code, message = e2(seen(asked.post({**LEAST["wan"], "duration": 61})))
    assert (status, code, json.loads(message)["code"]) == (400, "fail_to_fetch_task", "InvalidParameter")
    status, code, message = e2(seen(asked.post({**LEAST["sora"], "remix_video_id": GONE})))
    assert (status, code) == (404, "fail_to_fetch_task")
    assert GONE in json.loads(message)["error"]["message"]
    hidden = asked.post({**LEAST["sora"], "remix_video_id": "video_HTTP"})
    assert e2(seen(hidden)) == (404, "fail_to_fetch_task", HIDDEN)


@pytest.mark.proves("errors.wan-page", "wan.image.limits")
@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("a cat", "InvalidParameter.ImageFormat"),
        ("data:image/png;base64," + "A" * 6_800_000, "InvalidParameter.ImageSize"),
        ("data:image/png;base64," + "A" * 6_600_000, None),
        (PICTURE, None),
    ],
    ids=["format", "6 MB", "just under 5 MB", "url"],
)
@both
def test_an_image_of_wan_is_a_picture_of_at_most_five_megabytes(
    dialect: Dialect, image: str, code: str | None
) -> None:
    answer = Consumer(dialect).post({"model": "wan2.5-i2v-preview", "prompt": "A cat", "image": image})
    assert answer.status_code == (400 if code else 200)
    if code:
        _, outer, message = e2(seen(answer))
        assert code == (outer if dialect == "documented" else json.loads(message)["code"])


# Trouble of the provider itself, which no request brings about: row, dialect, status, code or message.
TROUBLE = [
    pytest.param("image-inspection", "documented", 400, "InvalidParameter.DataInspection", marks=pytest.mark.proves("errors.wan-page", "wan.image.inspection")),
    pytest.param("upstream-key", "documented", 401, "InvalidApiKey", marks=pytest.mark.proves("errors.wan-page")),
    pytest.param("no-upstream-task", "gateway", 400, "task_submit_failed", marks=pytest.mark.proves("errors.gateway.no-task-id")),
    pytest.param("server-error", "gateway", 500, "do_request_failed", marks=pytest.mark.proves("errors.gateway.do-request-failed")),
    pytest.param("server-error", "documented", 500, "server_error", marks=pytest.mark.proves("errors.documented.500")),
    pytest.param("rate-limited", "documented", 429, "rate_limit_exceeded", marks=pytest.mark.proves("errors.documented.429")),
    pytest.param("build-request-failed", "gateway", 500, "build_request_failed", marks=pytest.mark.proves("errors.gateway.build-request-failed")),
    pytest.param("read-response-body-failed", "gateway", 500, "read_response_body_failed", marks=pytest.mark.proves("errors.gateway.read-response-body-failed")),
    pytest.param("unmarshal-response-failed", "gateway", 500, "unmarshal_response_failed", marks=pytest.mark.proves("errors.gateway.unmarshal-response-failed")),
    pytest.param("unmarshal-response-body-failed", "gateway", 500, "unmarshal_response_body_failed", marks=pytest.mark.proves("errors.gateway.unmarshal-response-failed")),
    pytest.param("invalid-response", "gateway", 500, "invalid_response", marks=pytest.mark.proves("errors.gateway.invalid-response")),
    pytest.param("unknown-response", "gateway", 500, "unknown_response", marks=pytest.mark.proves("errors.gateway.unknown-response")),
    pytest.param("get-model-price-failed", "gateway", 500, "get_model_price_failed", marks=pytest.mark.proves("errors.gateway.get-model-price-failed")),
    pytest.param("get-user-quota-failed", "gateway", 500, "get_user_quota_failed", marks=pytest.mark.proves("errors.gateway.get-user-quota-failed")),
    pytest.param("insert-task-failed", "gateway", 500, "insert_task_failed", marks=pytest.mark.proves("errors.gateway.insert-task-failed")),
    pytest.param("invalid-api-platform", "gateway", 400, "invalid_api_platform", marks=pytest.mark.proves("errors.gateway.invalid-api-platform")),
    pytest.param("get-task-failed", "gateway", 500, "get_task_failed", marks=pytest.mark.proves("errors.gateway.get-task-failed")),
    pytest.param("download-unreachable", "gateway", 502, "Failed to download video from upstream", marks=pytest.mark.proves("errors.download.unreachable", "download.timeout")),
    pytest.param("download-query-failed", "gateway", 500, "Failed to query task", marks=pytest.mark.proves("errors.download.internal")),
    pytest.param("download-retrieve-failed", "gateway", 500, "Failed to retrieve channel information", marks=pytest.mark.proves("errors.download.internal")),
    pytest.param("download-create-failed", "gateway", 500, "Failed to create download request", marks=pytest.mark.proves("errors.download.internal")),
    pytest.param("download-read-failed", "gateway", 500, "Failed to read video data", marks=pytest.mark.proves("errors.download.internal")),
]  # fmt: skip


@pytest.mark.parametrize(("row", "dialect", "status", "word"), TROUBLE)
def test_trouble_of_the_provider_has_its_row_status_and_words(
    row: str, dialect: Dialect, status: int, word: str
) -> None:
    wire = problem_table()[row].answer(dialect)
    body = wire.body({"request_id": "r1"})
    contract().check(f"errors/{wire.envelope}", body)
    assert (wire.status, wire.code or wire.message) == (status, word)


@pytest.mark.proves("errors.wan-page")
def test_trouble_inside_the_provider_is_an_internal_error_on_wans_page() -> None:
    wire = problem_table()["server-error"].answer("documented", "wan")
    assert (wire.status, wire.envelope, wire.code) == (500, "e2", "InternalError")


@pytest.mark.proves("errors.panic")
def test_a_crash_of_the_gateway_is_a_panic(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    asked = Consumer("gateway")
    monkeypatch.delattr(asked.provider, "store")
    status, body = seen(asked.post(LEAST["sora"]))
    assert (status, body["error"]["type"]) == (500, "new_api_panic")
    assert body["error"]["message"].startswith("Panic detected, ")


@pytest.mark.proves("envelope.unknown-route", "errors.unknown-route")
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nothing"), ("PUT", "/v1/video/generations")])
@both
def test_an_unknown_route_has_a_form_of_its_own(dialect: Dialect, method: str, path: str) -> None:
    answer = Consumer(dialect).client.open(path, method=method)
    error = {"message": f"Invalid URL ({method} {path})", "type": "invalid_request_error", "param": "", "code": ""}  # fmt: skip
    assert seen(answer) == (404, {"error": error})


@pytest.mark.proves("errors.order")
@both
def test_of_several_faults_the_first_in_the_providers_order_is_told(dialect: Dialect) -> None:
    """Each body mends the fault that was told and keeps the rest."""
    poor = {"balance_usd": Decimal(0), "models": ("wan2.5-i2v-preview", "sora-9")}
    path = "/v1/video/generations"
    asked = with_rules(dialect, **poor)
    banned = with_rules(dialect, standing="banned", **poor)
    raw = {"data": b"{", "content_type": "application/json"}
    answers = [
        asked.client.post(path, **raw),
        banned.client.post(path, headers=banned.headers, **raw),
        asked.client.post(path, headers=asked.headers, **raw),
        asked.post({"prompt": " "}),
        asked.post({"model": "sora-8", "prompt": " "}),
        asked.post({"model": "sora-9", "prompt": " "}),
        asked.post({"model": "wan2.5-i2v-preview", "prompt": " "}),
        asked.post({"model": "wan2.5-i2v-preview", "prompt": "A cat", "image": "a cat"}),
    ]
    assert [answer.status_code for answer in answers] == [401, 403, 400, 400, 403, 503, 400, 403]
    asked = with_rules(dialect, models=("wan2.5-i2v-preview",))
    last = asked.post({"model": "wan2.5-i2v-preview", "prompt": "A cat", "image": "a cat"})
    assert last.status_code == 400
