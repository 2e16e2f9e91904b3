"""Lies about downloads and results."""

import base64
from collections.abc import Callable
from typing import Any

from nebula_contract.mutating.lies import change_member, json_lie, lie_when, on, put, take
from nebula_contract.mutating.mutant import Ask, Mutant, Told

OTHER = "video_" + "0" * 32
HEAD = "data:video/mp4;base64,"
NO_FILE = {
    "error": {"message": "Upstream service returned status 404", "type": "server_error", "details": "x"}
}


def _video(change: Callable[[bytes], bytes], *, size: bool = True) -> Callable[[dict[str, Any]], None]:
    """Another video in a download, in both copies and in its size."""

    def lie(body: dict[str, Any]) -> None:
        raw = change(base64.b64decode(body["base64"]))
        body["base64"] = base64.b64encode(raw).decode()
        body["data_url"] = HEAD + body["base64"]
        if size:
            body["size"] = len(raw)

    return lie


def _second(ask: Ask, told: Told) -> bool:
    return ask.operation == "download" and told.status == 200 and ask.nth_of_task > 2


def _first_byte_after_mdat(raw: bytes) -> bytes:
    at = raw.index(b"mdat") + 4
    return raw[: at + 40] + bytes([raw[at + 40] ^ 1]) + raw[at + 41 :]


def _broken_frames(raw: bytes) -> bytes:
    at = raw.index(b"mdat") + 4
    return raw[:at] + b"\xff" * 64 + raw[at + 64 :]


def _is_big(told: Told) -> bool:
    return told.body[4:8] == b"ftyp"


def _longer(raw: bytes) -> bytes:
    at = raw.index(b"mvhd") + 4 + 16
    duration = int.from_bytes(raw[at : at + 4], "big")
    return raw[:at] + (duration * 2).to_bytes(4, "big") + raw[at + 4 :]


def _wider(raw: bytes) -> bytes:
    at = raw.index(b"tkhd") + 4 + 4 + 72
    return raw[:at] + ((640 << 16).to_bytes(4, "big")) + raw[at + 4 :]


MUTANTS = [
    Mutant("finished downloads have no file", ("NC501", "NC108"), lie_when(on("download"), lambda t: t.say(NO_FILE, 404))),
    Mutant("the second account gets no file", ("NC501", "NC108"), lie_when(lambda a, t: on("download")(a, t) and a.account == 1, lambda t: t.say(NO_FILE, 404))),
    Mutant("success as text", ("NC502",), json_lie(on("download"), put("/success", "true"))),
    Mutant("success false", ("NC502",), json_lie(on("download"), put("/success", value=False))),
    Mutant("no success", ("NC502",), json_lie(on("download"), take("/success"))),
    Mutant("download format mov", ("NC502",), json_lie(on("download"), put("/format", "mov"))),
    Mutant("download of another task", ("NC503",), json_lie(on("download"), put("/task_id", OTHER))),
    Mutant("generation_id of another", ("NC503",), json_lie(on("download"), put("/generation_id", OTHER))),
    Mutant("no generation_id", ("NC503",), json_lie(on("download"), take("/generation_id"))),
    Mutant("size is one off", ("NC504",), json_lie(on("download"), change_member("/size", lambda one: one + 1))),
    Mutant("size counts the base64", ("NC504",), json_lie(on("download"), lambda b: b.update(size=len(b["base64"])))),
    Mutant("size as text", ("NC504",), json_lie(on("download"), change_member("/size", str))),
    Mutant("size of the second download is off", ("NC504",), json_lie(_second, change_member("/size", lambda one: one - 1))),
    Mutant("no base64", ("NC505",), json_lie(on("download"), take("/base64"))),
    Mutant("base64 without padding and a letter short", ("NC505",), json_lie(on("download"), change_member("/base64", lambda one: one.rstrip("=")[:-1] if len(one.rstrip("=")) % 4 == 1 else one.rstrip("=")[:-2] + "*"))),
    Mutant("base64 with line breaks", ("NC505",), json_lie(on("download"), change_member("/base64", lambda one: one[:76] + "\n" + one[76:]))),
    Mutant("URL-safe base64", ("NC505",), json_lie(on("download"), change_member("/base64", lambda one: one.replace("+", "-").replace("/", "_")))),
    Mutant("data_url is another video", ("NC506",), json_lie(on("download"), change_member("/data_url", lambda one: one[:-8] + "AAAAAAA="))),
    Mutant("data_url without its head", ("NC506",), json_lie(on("download"), change_member("/data_url", lambda one: one.removeprefix(HEAD)))),
    Mutant("data_url is said to be webm", ("NC506",), json_lie(on("download"), change_member("/data_url", lambda one: one.replace("video/mp4", "video/webm", 1)))),
    Mutant("no data_url now and then", ("NC902", "NC903"), json_lie(_second, take("/data_url"))),
    Mutant("zeros instead of a video", ("NC507",), json_lie(on("download"), _video(lambda raw: b"\0" * len(raw)))),
    Mutant("half a video", ("NC507",), json_lie(on("download"), _video(lambda raw: raw[: len(raw) // 2]))),
    Mutant("frames are noise", ("NC507",), json_lie(on("download"), _video(_broken_frames))),
    Mutant("a video of another length", ("NC508",), json_lie(on("download"), _video(_longer))),
    Mutant("a video of another size", ("NC509",), json_lie(on("download"), _video(_wider))),
    Mutant("another video the second time", ("NC510",), json_lie(_second, _video(_first_byte_after_mdat))),
    Mutant("unfinished tasks give a video", ("NC511",), lie_when(lambda a, t: a.operation == "download" and t.status == 502 and a.family == "sora", lambda t: t.say(_given("x"), 200))),
    Mutant("Veo can be downloaded", ("NC511",), lie_when(lambda a, t: a.operation == "download" and t.status == 502 and a.family == "veo", lambda t: t.say(_given("x"), 200))),
    Mutant("results need a key", ("NC601", "NC701"), lie_when(on("result"), lambda t: t.say({"error": {"message": "no", "type": "access_denied"}}, 403))),
    Mutant("results of the second URL are gone", ("NC601",), lie_when(lambda a, t: on("result")(a, t) and a.path.endswith("/1.mp4"), lambda t: t.say({"error": {"message": "no", "type": "x"}}, 404))),
    Mutant("results are said to be a stream", ("NC602",), lie_when(on("result"), lambda t: t.turn(content_type="application/octet-stream"))),
    Mutant("a page instead of a result", ("NC603", "NC602"), lie_when(on("result"), lambda t: t.turn(body=b"<html>login</html>", content_type="text/html"))),
    Mutant("results are cut", ("NC507",), lie_when(lambda a, t: on("result")(a, t) and _is_big(t), lambda t: t.turn(body=t.body[:-100]))),
    Mutant("results of another length", ("NC508",), lie_when(lambda a, t: on("result")(a, t) and _is_big(t), lambda t: t.turn(body=_longer(t.body)))),
    Mutant("results of another size", ("NC509",), lie_when(lambda a, t: on("result")(a, t) and _is_big(t) and a.nth % 3 == 0, lambda t: t.turn(body=_wider(t.body)))),
    Mutant("results change", ("NC604",), lie_when(lambda a, t: on("result")(a, t) and _is_big(t) and a.nth_of_task > 1, lambda t: t.turn(body=_first_byte_after_mdat(t.body)))),
    Mutant("HEAD says another length", ("NC605",), lie_when(lambda a, t: on("result")(a, t) and a.method == "HEAD", lambda t: t.headers.update({"content-length": "5"}))),
    Mutant("URLs never expire", ("NC606",), lie_when(lambda a, t: a.operation == "result" and t.status == 403, lambda t: t.turn(status=200, body=b"\0\0\0\x08ftyp", content_type="video/mp4"))),
    Mutant("every second URL never expires", ("NC606",), lie_when(lambda a, t: a.operation == "result" and t.status == 403 and a.path.endswith("/1.mp4"), lambda t: t.turn(status=200, body=b"\0\0\0\x08ftyp", content_type="video/mp4"))),
    Mutant("data URIs are cut", ("NC607",), json_lie(on("query"), change_member("/url", lambda one: one[:-1] if isinstance(one, str) and one.startswith(HEAD) else one))),
    Mutant("tasks are kept for ever", ("NC411",), lie_when(lambda a, t: a.operation == "query" and t.status in (400, 404) and a.family != "" and a.nth_of_task > 3, lambda t: t.say({"task_id": "x", "status": "succeeded", "format": "mp4"}, 200))),
]  # fmt: skip


def _given(task_id: str) -> dict[str, Any]:
    raw = base64.b64encode(b"\0\0\0\x08ftyp").decode()
    return {
        "success": True,
        "generation_id": task_id,
        "task_id": task_id,
        "format": "mp4",
        "size": 8,
        "base64": raw,
        "data_url": HEAD + raw,
    }
