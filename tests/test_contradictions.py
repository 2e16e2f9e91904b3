"""Both sides of every contradiction are held: the mock speaks both, or the schemas take both."""

import json
from collections.abc import Callable
from decimal import Decimal
from importlib import resources
from typing import Any, get_args

import pytest

from asking import LEAST, LONG, PICTURE, REFUSED, Consumer, seen
from nebula_client import ConfigurationError, VideoClient
from nebula_mock import Plan
from nebula_schemas import contract, contradiction_table
from nebula_schemas.catalogue import DIALECTS, Dialect, catalogue, price_usd
from nebula_schemas.contradicting import Contradiction, Kind

DATA = resources.files("nebula_schemas")
SORA, VEO, WAN, SEEDANCE = (LEAST[family] for family in ("sora", "veo", "wan", "seedance"))
VEO_FAMILY = catalogue().family("veo")
ROWS = [pytest.param(row, id=str(row.number)) for row in contradiction_table().values()]

Ask = Callable[[Dialect], Any]


def first_status(dialect: Dialect, family: str) -> str:
    """The status right after a submit."""
    asked = Consumer(dialect, plan=Plan(20, 20))
    status: str = asked.query(asked.submit(LEAST[family])["task_id"])["status"]
    return status


def statuses(dialect: Dialect) -> set[str]:
    """Every status that tasks of any family show."""
    found = set()
    for family in LEAST:
        asked = Consumer(dialect, plan=Plan(20, 20))
        task_id = asked.submit(LEAST[family])["task_id"]
        found |= {asked.query(task_id, after_s=seconds)["status"] for seconds in (0, 12, 20, 28)}
    return found


def veo_price(dialect: Dialect) -> tuple[int, Decimal]:
    """Seconds and price of a Veo video of twelve seconds."""
    asked = Consumer(dialect)
    task = asked.task({**VEO, "durationSeconds": 12})
    family = catalogue().in_dialect(dialect).family("veo")
    price = price_usd(family, family.model(task.model.id), task.parameters)
    assert task.price_usd == price
    return task.film.duration_s, price


def remixed(dialect: Dialect, name: str) -> bool:
    """Whether a submit with that field is a remix."""
    asked = Consumer(dialect)
    first = asked.ended(SORA)["task_id"]
    told = asked.ended({**SORA, name: first})["metadata"]["remixed_from_video_id"]
    return bool(told == first)


def is_refused(answer: tuple[int, Any]) -> bool:
    """Whether an answer is an error object, whatever its status."""
    return contract().violations("errors/any", answer[1]) == ()


def told_late(dialect: Dialect) -> Any:
    """A data URI of Veo, twelve hours and a moment later."""
    asked = Consumer(dialect, video_results="data-uri")
    task_id = asked.submit(VEO)["task_id"]
    asked.clock.advance(LONG)
    fresh = asked.query(task_id)["url"][:5]
    return fresh, asked.query(task_id, after_s=12 * 3600)["url"]


def key_message(dialect: Dialect) -> str:
    """What a request without a key is told."""
    asked = Consumer(dialect)
    asked.headers = {}
    message: str = asked.get("/x").get_json()["error"]["message"]
    return message.partition(" (request id")[0]


def failed_wan(dialect: Dialect) -> tuple[bool, str]:
    """Whether a failed Wan task has an error, and the reason in its metadata."""
    body = Consumer(dialect, plan=REFUSED).ended(WAN)
    return "error" in body, body["metadata"]["output"]["message"]


def no_url(dialect: Dialect) -> object:
    """``url`` of a task without a video."""
    asked = Consumer(dialect)
    return asked.query(asked.submit(WAN)["task_id"]).get("url")


def after_a_submit(family: str) -> Ask:
    """The members of the answer to a submit."""
    return lambda dialect: sorted(Consumer(dialect).submit(LEAST[family]))


def refusal(body: dict[str, Any]) -> Ask:
    """Status and code of a refused submit."""

    def ask(dialect: Dialect) -> tuple[int, str]:
        status, told = seen(Consumer(dialect).post(body))
        return status, told["code"] if "code" in told else told["error"]["code"]

    return ask


def used(family: str, parameter: str, **more: Any) -> Ask:
    """The value in effect of a parameter."""
    return lambda dialect: Consumer(dialect).task({**LEAST[family], **more}).parameters[parameter]


def shown(family: str, *members: str, after_s: float = LONG, **more: Any) -> Ask:
    """A member of a query answer, members of members by their path."""

    def ask(dialect: Dialect) -> Any:
        asked = Consumer(dialect)
        value: Any = asked.query(asked.submit({**LEAST[family], **more})["task_id"], after_s=after_s)
        for member in members:
            value = value[member]
        return value

    return ask


def both(ask: Ask) -> tuple[Any, Any]:
    """The documented side's answer and the gateway's."""
    documented, gateway = (ask(dialect) for dialect in DIALECTS)
    return documented, gateway


CAT_SOURCE = {"model": "wan2.5-i2v-preview", "prompt": "A cat"}
BAD_CONTENT = {**SEEDANCE, "metadata": {"content": "A cat"}}
PROMPT_ALONE = {"model": SEEDANCE["model"], "prompt": "A cat"}
FLAT = ["code", "message", "output", "request_id", "status", "status_code", "task_id"]
SIDES = [
    pytest.param(lambda dialect: seen(Consumer(dialect).get("/none"))[0], 404, 400, marks=pytest.mark.proves("contradiction.1")),
    pytest.param(lambda dialect: set(seen(Consumer(dialect).get("/none"))[1]), {"error"}, {"code", "message", "data"}, marks=pytest.mark.proves("contradiction.1", "contradiction.2")),
    pytest.param(lambda dialect: Consumer(dialect, plan=REFUSED).ended(SORA)["error"]["code"], 400, 400, marks=pytest.mark.proves("contradiction.3")),
    pytest.param(failed_wan, (False, "refused by policy"), (True, "refused by policy"), marks=pytest.mark.proves("contradiction.4")),
    pytest.param(lambda dialect: "object" in shown("sora")(dialect), False, False, marks=pytest.mark.proves("contradiction.5")),
    pytest.param(after_a_submit("sora"), ["format", "status", "task_id"], ["format", "metadata", "status", "task_id"], marks=pytest.mark.proves("contradiction.6")),
    pytest.param(no_url, None, "", marks=pytest.mark.proves("contradiction.7")),
    pytest.param(lambda dialect: type(shown("veo", "url", sampleCount=2)(dialect)), list, list, marks=pytest.mark.proves("contradiction.8")),
    pytest.param(lambda dialect: shown("veo", "url")(dialect)[:4], "http", "http", marks=pytest.mark.proves("contradiction.8")),
    pytest.param(lambda dialect: [shown(family, "url")(dialect)[:4] for family in ("veo", "wan", "seedance")], ["http"] * 3, ["http"] * 3, marks=pytest.mark.proves("contradiction.9")),
    pytest.param(veo_price, (4, Decimal("0.80")), (12, Decimal("0.80")), marks=pytest.mark.proves("contradiction.11")),
    pytest.param(after_a_submit("veo"), ["task_id"], ["task_id"], marks=pytest.mark.proves("contradiction.12")),
    pytest.param(after_a_submit("wan"), ["format", "metadata", "status", "task_id"], FLAT, marks=pytest.mark.proves("contradiction.13")),
    pytest.param(used("wan", "duration", duration=7), 5, 7, marks=pytest.mark.proves("contradiction.14")),
    pytest.param(refusal(CAT_SOURCE), (400, "invalid_request"), (400, "fail_to_fetch_task"), marks=pytest.mark.proves("contradiction.15")),
    pytest.param(lambda dialect: remixed(dialect, "remix_from_video_id"), True, False, marks=pytest.mark.proves("contradiction.16")),
    pytest.param(lambda dialect: remixed(dialect, "remixed_video_id"), False, True, marks=pytest.mark.proves("contradiction.16")),
    pytest.param(lambda dialect: [is_refused(seen(Consumer(dialect).post(body))) for body in ({"model": "sora-2"}, {"prompt": "A cat"})], [True, True], [True, True], marks=pytest.mark.proves("contradiction.17")),
    pytest.param(lambda dialect: is_refused(seen(Consumer(dialect).post(PROMPT_ALONE))), True, False, marks=pytest.mark.proves("contradiction.18")),
    pytest.param(used("seedance", "duration", duration=10), 10, 5, marks=pytest.mark.proves("contradiction.19")),
    pytest.param(used("seedance", "resolution", resolution="480p"), "480p", "1080p", marks=pytest.mark.proves("contradiction.19")),
    pytest.param(used("seedance", "ratio", aspect_ratio="1:1"), "1:1", "16:9", marks=pytest.mark.proves("contradiction.19")),
    pytest.param(statuses, {"submitted", "queued", "in_progress", "succeeded"}, {"unknown", "queued", "in_progress", "succeeded"}, marks=pytest.mark.proves("contradiction.20")),
    pytest.param(lambda dialect: [first_status(dialect, family) for family in ("sora", "veo", "seedance")], ["queued"] * 3, ["unknown"] * 3, marks=pytest.mark.proves("contradiction.21")),
    pytest.param(used("veo", "resolution", resolution="4k"), "1080p", "1080p", marks=pytest.mark.proves("contradiction.22")),
    pytest.param(lambda dialect: Consumer(dialect).post({**SORA, "model": "sora-2-pro"}).status_code, 503, 200, marks=pytest.mark.proves("contradiction.23")),
    pytest.param(shown("sora", "metadata", "size", size="720x1280"), "720x1280", "720x1280", marks=pytest.mark.proves("contradiction.24")),
    pytest.param(told_late, ("data:", "expired"), ("data:", "expired"), marks=pytest.mark.proves("contradiction.25")),
    pytest.param(lambda dialect: "progress" in shown("sora")(dialect), False, False, marks=pytest.mark.proves("contradiction.26")),
    pytest.param(shown("sora", "metadata", "progress"), 100, 100, marks=pytest.mark.proves("contradiction.26")),
    pytest.param(lambda dialect: Consumer(dialect).post(SORA).status_code, 200, 200, marks=pytest.mark.proves("contradiction.28")),
    pytest.param(used("veo", "durationSeconds", duration_seconds=8, fps=30), 8, 4, marks=pytest.mark.proves("contradiction.29")),
    pytest.param(used("veo", "aspectRatio", aspect_ratio="9:16", image=PICTURE), "9:16", "16:9", marks=pytest.mark.proves("contradiction.29")),
    pytest.param(lambda dialect: seen(Consumer(dialect).post(BAD_CONTENT))[0], 400, 200, marks=pytest.mark.proves("contradiction.30")),
    pytest.param(lambda dialect: set(seen(Consumer(dialect).post(BAD_CONTENT))[1]), {"error"}, {"code", "message", "data"}, marks=pytest.mark.proves("contradiction.30")),
    pytest.param(key_message, "Invalid API key", "未提供令牌", marks=pytest.mark.proves("contradiction.31", "contradiction.2")),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "documented", "gateway"), SIDES)
def test_the_mock_gives_each_sides_answer(ask: Ask, documented: Any, gateway: Any) -> None:
    assert both(ask) == (documented, gateway)


@pytest.mark.proves("contradiction.10")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_download_has_its_data_url(dialect: Dialect) -> None:
    asked = Consumer(dialect)
    task_id = asked.ended(SORA)["task_id"]
    body = asked.get(f"/download?id={task_id}").get_json()
    assert body["data_url"] == "data:video/mp4;base64," + body["base64"]


@pytest.mark.proves("contradiction.27")
def test_a_key_goes_over_plain_http_to_this_machine_alone() -> None:
    VideoClient("sk-test", "https://llm.ai-nebula.com")
    VideoClient("sk-test", "http://127.0.0.1:8383")
    with pytest.raises(ConfigurationError):
        VideoClient("sk-test", "http://llm.ai-nebula.com")


def test_every_two_sided_contradiction_is_asked_for_in_both_dialects_and_the_sides_differ() -> None:
    """Where the mock has two sides, at least one of the questions has two answers."""
    differing = {
        fact_id
        for one in SIDES
        if one.values[1] != one.values[2]
        for mark in one.marks
        for fact_id in mark.args
    }
    two_sided = {f"contradiction.{row.number}" for row in contradiction_table().values() if row.kind == "two-sided"}  # fmt: skip
    assert two_sided <= differing


def resolved(place: str) -> object:
    """What a pointer of ``held_in`` leads to; KeyError where it leads nowhere."""
    file, _, fragment = place.partition("#")
    value = json.loads((DATA / file).read_text("utf-8"))
    if not fragment:
        return value
    if fragment.startswith("/"):
        for part in fragment[1:].split("/"):
            value = value[part]
        return value
    rows = value["problems"] if file.startswith("errors/") else [*value["models"], *value["parameters"]]
    return {**value, **{row.get("name") or row["id"]: row for row in rows}}[fragment]


@pytest.mark.parametrize("row", ROWS)
def test_every_place_that_holds_a_contradiction_is_there(row: Contradiction) -> None:
    assert row.kind in get_args(Kind)
    assert row.held_in or row.note
    for place in row.held_in:
        assert resolved(place)


@pytest.mark.parametrize("row", ROWS)
def test_every_form_of_a_contradiction_is_taken_by_its_schema(row: Contradiction) -> None:
    """Where the mock says one thing and the documents several, an example of each is valid."""
    for example in row.examples:
        folder, _, schema, _, _ = example.split("/")
        body = json.loads((DATA / example).read_text("utf-8"))
        assert contract().violations(f"{folder}/{schema}", body) == ()
    if row.kind == "documents-disagree":
        assert len(row.examples) >= 2 or row.note


def test_contradictions_are_numbered_from_one_and_named_once() -> None:
    table = contradiction_table()
    assert list(table) == list(range(1, len(table) + 1))
    assert len({row.id for row in table.values()}) == len(table) == 31


def test_the_table_of_contradictions_is_as_its_schema_says() -> None:
    raw = json.loads((DATA / "contradictions" / "table.json").read_text("utf-8"))
    assert contract().violations("contradictions/table", raw) == ()
