"""Lies about submits: what is taken, and what the answer says."""

import json
from collections.abc import Callable
from typing import Any

from nebula_contract.mutating.lies import both, change_member, family, json_lie, lie_when, on, put, take
from nebula_contract.mutating.mutant import Ask, Lie, Mutant, Told
from nebula_schemas.catalogue import DIALECTS, catalogue

E1 = {"error": {"message": "Invalid value", "type": "invalid_request_error", "code": "invalid_request"}}


def _refuses(asked: Callable[[Ask], bool]) -> Lie:
    return lie_when(lambda a, t: on("submit")(a, t) and asked(a), lambda t: t.say(E1, 400))


def _value(name: str, *values: Any) -> Callable[[Ask], bool]:
    return lambda ask: ask.fields.get(name) in values


def _same_id() -> Lie:
    kept: list[str] = []

    def lie(ask: Ask, told: Told) -> None:
        if ask.operation == "submit" and told.status == 200 and isinstance(told.json, dict):
            body = told.json
            kept.append(str(body.get("task_id")))
            if len(kept) % 12 == 0 and ask.family and kept[-2:]:
                body["task_id"] = kept[-2]
                told.say(body)

    return lie


def _accepts_all(ask: Ask, told: Told) -> None:
    if ask.operation == "submit" and told.status == 400:
        told.say({"task_id": "video_" + f"{ask.nth:032x}", "status": "submitted", "format": "mp4"}, 200)


def _fill_in(name: str, value: Any) -> Callable[[Ask], None]:
    """The provider reads a field that was not given, or reads it otherwise."""

    def before(ask: Ask) -> None:
        if ask.operation == "submit" and ask.fields.get("model") and name not in ask.fields:
            _send(ask, {**ask.fields, name: value})

    return before


def _send(ask: Ask, body: object) -> None:
    import io

    raw = json.dumps(body).encode()
    ask.environ["wsgi.input"] = io.BytesIO(raw)
    ask.environ["CONTENT_LENGTH"] = str(len(raw))


def _reads(name: str, old: object, new: object) -> Callable[[Ask], None]:
    def before(ask: Ask) -> None:
        if ask.operation == "submit" and str(ask.fields.get(name)) == str(old):
            _send(ask, {**ask.fields, name: new})

    return before


def _takes_any_model(ask: Ask) -> None:
    model = ask.fields.get("model")
    known = (catalogue().in_dialect(one).family_of_model for one in DIALECTS)
    if (
        ask.operation == "submit"
        and isinstance(model, str)
        and model
        and not any(model in one for one in known)
    ):
        _send(ask, {**ask.fields, "model": "sora-2"})


def _needs_no_prompt(ask: Ask) -> None:
    if ask.operation == "submit" and ask.fields.get("model") == "sora-2" and not ask.fields.get("prompt"):
        _send(ask, {**ask.fields, "prompt": "anything"})


def _ascii_prompts(ask: Ask) -> None:
    prompt = ask.fields.get("prompt")
    if ask.operation == "submit" and isinstance(prompt, str) and not prompt.isascii():
        _send(ask, {**ask.fields, "prompt": prompt.encode("ascii", "replace").decode()})


MUTANTS = [
    Mutant("twelve seconds are refused", ("NC201",), _refuses(_value("seconds", 12, "12"))),
    Mutant("1280x720 is refused", ("NC201",), _refuses(_value("size", "1280x720"))),
    Mutant("non-ASCII prompts are refused", ("NC201",), _refuses(lambda a: not a.prompt.isascii())),
    Mutant("sampleCount above 1 is refused", ("NC201",), _refuses(lambda a: a.fields.get("sampleCount") in (2, 3, 4, "2", "3", "4"))),
    Mutant("one Seedance model is refused", ("NC201",), _refuses(_value("model", "doubao-seedance-1-0-lite-i2v-250428"))),
    Mutant("an alias of Veo is refused", ("NC201", "NC203"), _refuses(lambda a: "aspect_ratio" in a.fields and a.family == "veo")),
    Mutant("odd seconds are refused", ("NC202",), _refuses(lambda a: a.family == "sora" and str(a.fields.get("seconds", 4)) not in ("4", "8", "12"))),
    Mutant("odd resolutions of Veo are refused", ("NC202",), _refuses(lambda a: a.family == "veo" and a.fields.get("resolution", "720p") not in ("720p", "1080p"))),
    Mutant("unknown fields are refused", ("NC203",), _refuses(lambda a: any(name.startswith(("x_", "unknown", "extra", "no_such")) or name in ("style", "quality", "n", "foo") for name in a.fields))),
    Mutant("submit without a format", ("NC207",), json_lie(on("submit", when=family("sora")), take("/format"))),
    Mutant("submit format webm", ("NC207",), json_lie(on("submit", when=family("sora")), put("/format", "webm"))),
    Mutant("task_id as a number", ("NC205", "NC204"), json_lie(on("submit", when=family("wan")), put("/task_id", 5))),
    Mutant("task_id without its prefix", ("NC205",), json_lie(on("submit", when=family("sora")), change_member("/task_id", lambda one: one.removeprefix("video_")))),
    Mutant("task_id in upper case", ("NC205",), json_lie(on("submit", when=family("wan")), change_member("/task_id", str.upper))),
    Mutant("no task_id", ("NC205", "NC204"), json_lie(on("submit", when=family("seedance")), take("/task_id"))),
    Mutant("id instead of task_id", ("NC205", "NC204"), json_lie(on("submit"), lambda b: b.update(id=b.pop("task_id")) if "task_id" in b else None)),
    Mutant("ids of Seedance look like Sora's", ("NC205",), json_lie(on("submit", when=family("seedance")), change_member("/task_id", lambda one: "video_" + "0" * (32 - len(one[-8:])) + one[-8:].encode().hex()[:8]))),
    Mutant("submit status queued", ("NC206",), json_lie(on("submit", when=family("sora", "wan")), put("/status", "queued"))),
    Mutant("submit status in capitals", ("NC206",), json_lie(on("submit", when=family("seedance")), put("/status", "SUBMITTED"))),
    Mutant("submit without a status", ("NC206",), json_lie(on("submit", when=family("wan")), take("/status"))),
    Mutant("two submits share an id", ("NC209",), _same_id()),
    Mutant("Wan's submit names another task", ("NC208",), json_lie(on("submit", when=family("wan")), lambda b: (b.get("metadata") or b).get("output", {}).update(task_id="00000000-0000-4000-8000-000000000000"))),
    Mutant("Wan's submit bills other seconds", ("NC208",), json_lie(on("submit", when=family("wan")), change_member("/metadata/requested_seconds", lambda one: one + 1)), dialects=("documented",)),
    Mutant("Sora's submit echoes another size", ("NC208",), json_lie(on("submit", when=family("sora")), put("/metadata/size", "1x1")), dialects=("gateway",)),
    Mutant("everything broken is accepted", ("NC801",), _accepts_all),
    Mutant("unknown models are taken", ("NC801",), before=_takes_any_model),
    Mutant("Sora needs no prompt", ("NC801",), before=_needs_no_prompt),
    Mutant("prompts lose their script", ("NC326",), before=_ascii_prompts),
    Mutant("eight seconds become four", ("NC323", "NC508"), before=_reads("seconds", "8", "4")),
    Mutant("another default size", ("NC323", "NC509"), before=_fill_in("size", "1280x720")),
    Mutant("another default length of Veo", ("NC323", "NC508"), before=_fill_in("durationSeconds", 8)),
    Mutant("10 s of Wan become 5", ("NC329", "NC323", "NC508"), before=_reads("duration", 10, 5)),
    Mutant("480p of Wan is 720p", ("NC323", "NC509"), before=_reads("size", "832*480", "1280*720")),
    Mutant("status is submitted with a data wrapper", ("NC210",), lie_when(on("submit"), lambda t: t.say({"code": "success", "message": "", "data": t.json}))),
    Mutant("the second account's submits are refused for their key", ("NC701",), lie_when(both(on("submit"), lambda a, _t: a.account == 1), lambda t: t.say({"error": {"message": "Invalid API key", "type": "authentication_error", "code": "invalid_api_key"}}, 401))),
]  # fmt: skip
