"""Lies about queries: form, identity, words, values, times."""

from typing import Any

from nebula_contract.mutating.lies import (
    both,
    change_member,
    family,
    json_lie,
    lie_when,
    on,
    put,
    state,
    take,
)
from nebula_contract.mutating.mutant import Ask, Mutant, Told

OTHER = "video_" + "0" * 32


def _third(ask: Ask, told: Told) -> bool:
    return ask.operation == "query" and ask.nth_of_task == 3 and told.status == 200


def _second_account(ask: Ask, told: Told) -> bool:
    return ask.operation == "query" and ask.account == 1 and told.status == 200


def _non_ascii(ask: Ask, told: Told) -> bool:
    return ask.operation == "query" and not ask.prompt.isascii() and told.status == 200


def _flat_number(value: Any) -> Any:
    return str(value)


def _flat_without_seconds(body: dict[str, Any]) -> None:
    """The older flat form of Sora's page, with a member short."""
    inner = body.pop("metadata", None)
    inner = inner if isinstance(inner, dict) else {}
    for name in ("format", "url", "error"):
        body.pop(name, None)
    body.update(id=body.get("task_id"), object="video_generation", model=inner.get("model"), prompt="A cat")
    body.update(progress=inner.get("progress"), created_at=inner.get("created_at"), size=inner.get("size"))


ERROR = {"code": 400, "message": "odd"}
MUTANTS = [
    Mutant("tasks of Wan are unknown at first", ("NC301",), lie_when(lambda a, t: on("query", when=family("wan"))(a, t) and a.nth_of_task == 1, lambda t: t.say({"code": "task_not_exist", "message": "task_not_exist", "data": None}, 400))),
    Mutant("the second account's ended tasks are unknown", ("NC301",), lie_when(both(_second_account, state("succeeded")), lambda t: t.say({"error": {"message": "x", "type": "not_found", "code": "not_found"}}, 404))),
    Mutant("upper-case statuses", ("NC304",), json_lie(on("query"), change_member("/status", str.upper))),
    Mutant("completed for succeeded", ("NC304",), json_lie(on("query", when=state("succeeded")), put("/status", "completed"))),
    Mutant("a new status for one family", ("NC304",), json_lie(on("query", when=both(family("seedance"), state("in_progress"))), put("/status", "rendering"))),
    Mutant("status is a number", ("NC304",), json_lie(on("query"), put("/status", 2))),
    Mutant("no status", ("NC304",), json_lie(on("query", when=family("veo")), take("/status"))),
    Mutant("id of another task", ("NC305",), json_lie(on("query", when=family("sora")), put("/task_id", OTHER))),
    Mutant("id of another task on the third query", ("NC305",), json_lie(_third, put("/task_id", OTHER))),
    Mutant("id of another task for the second account", ("NC305",), json_lie(_second_account, put("/task_id", OTHER))),
    Mutant("id of another task for prompts that are not ASCII", ("NC305",), json_lie(_non_ascii, put("/task_id", OTHER))),
    Mutant("id in other case", ("NC305",), json_lie(on("query", when=family("wan")), change_member("/task_id", str.upper))),
    Mutant("queries without task_id", ("NC305",), json_lie(on("query", when=family("seedance")), take("/task_id"))),
    Mutant("format webm", ("NC306",), json_lie(on("query", when=state("succeeded")), put("/format", "webm"))),
    Mutant("no format while it runs", ("NC306",), json_lie(on("query", when=state("in_progress")), take("/format"))),
    Mutant("no format on the third query", ("NC306",), json_lie(_third, take("/format"))),
    Mutant("succeeded without a url", ("NC307",), json_lie(on("query", when=both(family("wan"), state("succeeded"))), take("/url"))),
    Mutant("succeeded with an empty url", ("NC307",), json_lie(on("query", when=both(family("seedance"), state("succeeded"))), put("/url", ""))),
    Mutant("a url too early", ("NC307",), json_lie(on("query", when=state("in_progress")), put("/url", "https://results.example.com/a.mp4"))),
    Mutant("a url for Sora", ("NC307",), json_lie(on("query", when=both(family("sora"), state("succeeded"))), put("/url", "https://results.example.com/a.mp4"))),
    Mutant("url is an object", ("NC307",), json_lie(on("query", when=both(family("veo"), state("succeeded"))), change_member("/url", lambda one: {"href": one}))),
    Mutant("url without a scheme", ("NC307",), json_lie(on("query", when=both(family("wan"), state("succeeded"))), put("/url", "/results/1.mp4"))),
    Mutant("an error while it runs", ("NC308",), json_lie(on("query", when=state("in_progress")), put("/error", ERROR))),
    Mutant("an error beside success", ("NC308",), json_lie(on("query", when=both(family("veo"), state("succeeded"))), put("/error", ERROR))),
    Mutant("failed without a reason", ("NC308",), json_lie(on("query", when=both(family("sora", "veo", "seedance"), state("failed"))), take("/error"))),
    Mutant("Wan fails without a reason", ("NC308",), json_lie(on("query", when=both(family("wan"), state("failed"))), lambda b: (b.pop("error", None), b["metadata"]["output"].pop("code", None)))),
    Mutant("failed with an empty message", ("NC309",), json_lie(on("query", when=both(family("sora", "veo"), state("failed"))), put("/error/message", ""))),
    Mutant("failed with code 500", ("NC309",), json_lie(on("query", when=both(family("seedance", "veo"), state("failed"))), put("/error/code", 500))),
    Mutant("failed with the code as text 400", ("NC309",), json_lie(on("query", when=both(family("sora"), state("failed"))), put("/error/code", "400"))),
    Mutant("a flat answer of Sora without seconds", ("NC302",), json_lie(on("query", when=family("sora")), _flat_without_seconds)),
    Mutant("metadata is text", ("NC303",), json_lie(on("query", when=family("veo")), put("/metadata", "none"))),
    Mutant("metadata seconds is a number", ("NC303", "NC323"), json_lie(on("query", when=family("sora")), change_member("/metadata/seconds", int))),
    Mutant("metadata seed is text", ("NC303",), json_lie(on("query", when=family("seedance")), change_member("/metadata/seed", _flat_number))),
    Mutant("metadata id of another task", ("NC310",), json_lie(on("query", when=family("sora")), put("/metadata/id", OTHER))),
    Mutant("Wan's output of another task", ("NC310",), json_lie(on("query", when=family("wan")), put("/metadata/output/task_id", "x"))),
    Mutant("metadata model of another", ("NC310",), json_lie(on("query", when=family("sora", "seedance")), put("/metadata/model", "sora-1"))),
    Mutant("video_url is another", ("NC310",), json_lie(on("query", when=family("wan")), change_member("/metadata/output/video_url", lambda one: one + "x"))),
    Mutant("upstream still runs when it succeeded", ("NC321",), json_lie(on("query", when=both(family("sora"), state("succeeded"))), put("/metadata/status", "in_progress"))),
    Mutant("Wan's own word in the wrong case", ("NC321",), json_lie(on("query", when=family("wan")), change_member("/metadata/output/task_status", str.lower))),
    Mutant("progress 99 at the end", ("NC322",), json_lie(on("query", when=state("succeeded")), change_member("/metadata/progress", lambda _: 99))),
    Mutant("progress 100 too early", ("NC322",), json_lie(on("query", when=state("in_progress")), change_member("/metadata/progress", lambda _: 100))),
    Mutant("progress as text", ("NC322", "NC303"), json_lie(on("query", when=family("sora")), change_member("/metadata/progress", lambda one: f"{one}%"))),
    Mutant("progress as a fraction", ("NC322", "NC303"), json_lie(on("query", when=family("sora")), change_member("/metadata/progress", lambda one: one / 100 + 0.001))),
    Mutant("echo of what was asked", ("NC323",), lambda a, t: json_lie(on("query", when=family("sora")), change_member("/metadata/seconds", lambda one: str(_asked(a, one))))(a, t)),
    Mutant("fps of Veo is one off", ("NC323",), json_lie(on("query", when=family("veo")), change_member("/metadata/fps", lambda one: one + 1))),
    Mutant("ratio of Seedance is another", ("NC323",), json_lie(on("query", when=family("seedance")), put("/metadata/ratio", "2:1"))),
    Mutant("times in milliseconds", ("NC324",), json_lie(on("query", when=family("sora")), change_member("/metadata/created_at", lambda one: one * 1000))),
    Mutant("ended before it was made", ("NC324",), json_lie(on("query", when=family("sora")), change_member("/metadata/completed_at", lambda one: one - 100_000))),
    Mutant("no end of an ended task", ("NC324",), json_lie(on("query", when=both(family("sora"), state("succeeded"))), put("/metadata/completed_at", None))),
    Mutant("Wan's end before its submit", ("NC324",), json_lie(on("query", when=family("wan")), change_member("/metadata/output/end_time", lambda _: "2001-01-01 00:00:00.000"))),
    Mutant("kept for an hour", ("NC325",), json_lie(on("query", when=family("sora")), lambda b: b["metadata"].update(expires_at=b["metadata"]["completed_at"] and b["metadata"]["completed_at"] + 3600))),
    Mutant("orig_prompt loses its accents", ("NC326",), json_lie(on("query", when=family("wan")), change_member("/metadata/output/orig_prompt", lambda one: one.encode("ascii", "ignore").decode()))),
    Mutant("one video of several", ("NC327",), json_lie(on("query", when=family("veo")), change_member("/url", lambda one: one[0] if isinstance(one, list) else one))),
    Mutant("the same video several times", ("NC327",), json_lie(on("query", when=family("veo")), change_member("/url", lambda one: [one[0]] * len(one) if isinstance(one, list) else one))),
    Mutant("an unsigned URL", ("NC328",), json_lie(on("query", when=family("seedance")), lambda b: (change_member("/url", lambda one: one.partition("?")[0])(b), change_member("/metadata/content/video_url", lambda one: one.partition("?")[0])(b)))),
    Mutant("tokens of Seedance are doubled", ("NC329",), json_lie(on("query", when=family("seedance")), change_member("/metadata/usage/total_tokens", lambda one: one * 2))),
    Mutant("Wan counts two videos", ("NC329",), json_lie(on("query", when=family("wan")), change_member("/metadata/usage/video_count", lambda _: 2))),
    Mutant("progress is gone for the second account", ("NC409", "NC903", "NC303"), json_lie(_second_account, take("/metadata/progress"))),
    Mutant("metadata is gone on the third query", ("NC409", "NC902", "NC903"), json_lie(_third, take("/metadata"))),
    Mutant("null for metadata of prompts that are not ASCII", ("NC902", "NC903"), json_lie(_non_ascii, put("/metadata", None))),
    Mutant("data wrapper", ("NC311",), lie_when(on("query"), lambda t: t.say({"code": "success", "message": "", "data": t.json}))),
    Mutant("the seed of Seedance is one off", ("NC323",), json_lie(on("query", when=family("seedance")), change_member("/metadata/seed", lambda one: one + 1))),
    Mutant("usage of Wan has another resolution", ("NC323",), json_lie(on("query", when=family("wan")), change_member("/metadata/usage/resolution", lambda one: "1080p" if one != "1080p" else "480p")), dialects=("documented",)),
    Mutant("usage of Wan has other lines", ("NC323",), json_lie(on("query", when=family("wan")), change_member("/metadata/usage/SR", lambda one: one + 240)), dialects=("gateway",)),
    Mutant("usage of Wan has another size", ("NC323",), json_lie(on("query", when=family("wan")), lambda b: (change_member("/metadata/usage/size", lambda _: "624*624")(b), change_member("/metadata/usage/video_ratio", lambda _: "624*624")(b)))),
    Mutant("usage of Wan has other seconds", ("NC323",), json_lie(on("query", when=family("wan")), lambda b: (change_member("/metadata/usage/duration", lambda one: one + 1)(b), change_member("/metadata/usage/video_duration", lambda one: one + 1)(b)))),
    Mutant("actual_prompt is another prompt", ("NC326",), json_lie(on("query", when=family("wan")), change_member("/metadata/output/actual_prompt", lambda one: f"{one}, high quality"))),
    Mutant("completion tokens are one off", ("NC329",), json_lie(on("query", when=family("seedance")), change_member("/metadata/usage/completion_tokens", lambda one: one + 1))),
]  # fmt: skip


def _asked(ask: Ask, used: object) -> object:
    given = ask.environ.get("nebula.asked_seconds")
    return given if given is not None else f"{used}0"
