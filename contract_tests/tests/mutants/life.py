"""Lies over several answers about one task."""

from nebula_contract.mutating.lies import change_member, family, json_lie, on, put, state
from nebula_contract.mutating.mutant import Ask, Lie, Mutant, Told, When


def _remembering(which: str) -> Lie:
    """Answers a later query of a task with an earlier answer of it."""
    kept: dict[str, list[bytes]] = {}

    def lie(ask: Ask, told: Told) -> None:
        if ask.operation != "query" or told.status != 200:
            return
        earlier = kept.setdefault(ask.task_id, [])
        real = told.body
        if which == "back" and len(earlier) == 5:
            told.body = earlier[0]
        if (
            which == "after the end"
            and any(b'"succeeded"' in one for one in earlier)
            and len(earlier) % 2 == 0
        ):
            told.body = next((one for one in earlier if b'"succeeded"' not in one), told.body)
        earlier.append(real)

    return lie


def _failing_after(ask: Ask, told: Told) -> None:
    if (
        ask.operation == "query"
        and told.status == 200
        and b'"succeeded"' in told.body
        and ask.nth_of_task > 8
    ):
        body = told.json
        body.update(status="failed", error={"code": 400, "message": "late"})
        body.pop("url", None)
        told.say(body)


def _never(ask: Ask, told: Told) -> None:
    if ask.family == "veo" and ask.operation == "query" and told.status == 200:
        body = told.json
        if body["status"] in ("succeeded", "failed"):
            body["status"] = "in_progress"
            body.pop("url", None)
            body.pop("error", None)
            body["metadata"].pop("response", None)
            told.say(body)


def _counting(ask: Ask, told: Told) -> None:
    if (
        ask.operation == "query"
        and told.status == 200
        and ask.family == "sora"
        and isinstance(told.json, dict)
    ):
        body = told.json
        if isinstance(body.get("metadata"), dict) and body["status"] == "in_progress":
            body["metadata"]["progress"] = min(99, 10 + ask.nth_of_task)
            told.say(body)


def _nth(number: int) -> When:
    return lambda ask, told: ask.operation == "query" and told.status == 200 and ask.nth_of_task == number


MUTANTS = [
    Mutant("an earlier answer comes again", ("NC401", "NC402"), _remembering("back")),
    Mutant("ended tasks run again now and then", ("NC402",), _remembering("after the end")),
    Mutant("succeeded becomes failed", ("NC402",), _failing_after),
    Mutant("queued again after in_progress", ("NC401",), json_lie(on("query", when=lambda a, t: a.family == "sora" and state("in_progress")(a, t) and a.nth_of_task % 2 == 0), put("/status", "queued"))),
    Mutant("unknown in the middle", ("NC401", "NC403", "NC304"), json_lie(on("query", when=lambda a, t: state("in_progress")(a, t) and a.nth_of_task == 6), put("/status", "unknown"))),
    Mutant("Veo never ends", ("NC404",), _never),
    Mutant("done at once", ("NC405",), scenario="instant", dialects=("documented",)),
    Mutant("stuck", ("NC404",), scenario="stuck"),
    Mutant("backwards", ("NC401", "NC402"), scenario="backwards"),
    Mutant("progress falls", ("NC406",), json_lie(_nth(5), change_member("/metadata/progress", lambda one: max(0, one - 1) if one != 100 else 100))),
    Mutant("asking moves progress", ("NC410",), _counting),
    Mutant("the URL changes with each query", ("NC407",), lambda a, t: json_lie(on("query", when=family("wan")), change_member("/url", lambda one: f"{one}&n={a.nth}"))(a, t)),
    Mutant("created_at moves", ("NC408", "NC410"), lambda a, t: json_lie(on("query", when=family("sora", "seedance")), change_member("/metadata/created_at", lambda one: one + a.nth_of_task))(a, t)),
    Mutant("the seed changes", ("NC408", "NC410"), lambda a, t: json_lie(on("query", when=family("seedance")), change_member("/metadata/seed", lambda one: one + a.nth_of_task))(a, t)),
    Mutant("ordinary tasks of Wan fail", ("NC412",), before=lambda ask: ask.environ.update({"HTTP_X_NEBULA_SCENARIO": "upstream-error"}) if ask.operation == "submit" and ask.fields.get("model") == "wan2.5-t2v-preview" and "HTTP_X_NEBULA_SCENARIO" not in ask.environ else None),
    Mutant("one task in twenty fails", ("NC412",), before=lambda ask: ask.environ.update({"HTTP_X_NEBULA_SCENARIO": "upstream-error"}) if ask.operation == "submit" and ask.nth % 20 == 0 and "HTTP_X_NEBULA_SCENARIO" not in ask.environ else None),
    Mutant("failed tasks are said to have succeeded", ("NC413", "NC321"), json_lie(on("query", when=state("failed")), lambda b: (b.update(status="succeeded"), b.pop("error", None)))),
]  # fmt: skip
