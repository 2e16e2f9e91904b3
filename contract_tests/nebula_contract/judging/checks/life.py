"""NC4: the life of a task over all its reads; the laws are those of the oracle."""

from nebula_contract.judging.findings import Level
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.oracle import LIVENESS_DEADLINE_S, Law
from nebula_contract.judging.registry import Found, run_check, task_check
from nebula_contract.judging.views import RunView, TaskHistory
from nebula_contract.record.exchange import Exchange

_FAILS_TOO_OFTEN = 0.5
_LEAST_TASKS = 4
_GONE = (400, 403, 404)


def _by_law(task: TaskHistory, *laws: Law) -> Found:
    if not any(task.oracle.looked.get(law) for law in laws):
        return None
    return [
        broken(_read(task, one.read), one.found, one.expected, one.location, key=one.key)
        for one in task.oracle.breaches
        if one.law in laws
    ]


def _read(task: TaskHistory, index: int) -> Exchange:
    return task.reads[index] if 0 <= index < len(task.reads) else task.submit


@task_check(
    "NC401",
    "status-never-goes-back",
    promise="A task goes submitted, queued, in_progress, and ends; steps may be skipped, none comes again.",
    cause="An answer from an old copy of the task, or a task that was started anew.",
    remedy="Consumer: keep the furthest status you saw. Provider: read from one place.",
    source="DOC, SRC",
)
def order(task: TaskHistory) -> Found:
    return _by_law(task, "order")


@task_check(
    "NC402",
    "an-end-is-final",
    promise="succeeded and failed are never left.",
    cause="An answer from an old copy, or a task that was run again.",
    remedy="Consumer: stop at the first end you see. Provider: see what changed the task.",
    source="DOC, SRC",
)
def terminal(task: TaskHistory) -> Found:
    return _by_law(task, "terminal")


@task_check(
    "NC403",
    "unknown-is-only-early",
    promise="unknown is said only until the gateway has first asked the upstream, about 15 seconds.",
    cause="The gateway's poller stands still, or the upstream's word has no translation.",
    remedy="Consumer: go on polling until your own deadline. Provider: see the poller.",
    source="SRC",
)
def unknown_early(task: TaskHistory) -> Found:
    return _by_law(task, "unknown-early")


@task_check(
    "NC404",
    "a-task-ends",
    promise=f"A task ends within {LIVENESS_DEADLINE_S:.0f} seconds.",
    cause="It is stuck, or its end is not passed on.",
    remedy="Consumer: give up at a deadline and keep the id. Provider: see the task.",
    source="DOC: 1 to 3 minutes are typical, samples give up after 5 to 10",
)
def ends(task: TaskHistory) -> Found:
    return (
        None if task.submit.condition in ("failing", "by-polls") and not task.end else _by_law(task, "ends")
    )


@task_check(
    "NC405",
    "a-video-takes-time",
    "risky",
    promise="A task is not over in the instant of its submit.",
    cause="A cached result, or a stand-in for the real provider.",
    remedy="Consumer: see that the video is the one that you asked for.",
    source="DOC: minutes",
)
def takes_time(task: TaskHistory) -> Found:
    return _by_law(task, "takes-time")


@task_check(
    "NC406",
    "progress-never-falls",
    "risky",
    promise="progress never falls.",
    cause="An answer from an old copy, or an estimate that was corrected.",
    remedy="Consumer: show the highest you saw.",
    source="DOC",
)
def progress(task: TaskHistory) -> Found:
    return _by_law(task, "progress")


@task_check(
    "NC407",
    "result-stays-the-same",
    promise="The URL of a result is the same in every answer until it expires.",
    cause="It is signed anew for each answer, or another result took its place.",
    remedy="Consumer: read it again just before the download. Provider: keep it, or announce that it changes.",
    source="INF, SRC: it is stored once",
)
def result(task: TaskHistory) -> Found:
    return _by_law(task, "result")


@task_check(
    "NC408",
    "facts-of-a-task-never-change",
    promise="What belongs to a task (ids, model, values in use, when it was made and when it ended) never changes.",
    cause="Answers are made from different copies, or from another task.",
    remedy="Consumer: keep what you read first. Provider: see which copy is right.",
    source="INF, SRC: stored once",
)
def facts(task: TaskHistory) -> Found:
    return _by_law(task, "facts")


@task_check(
    "NC409",
    "members-do-not-vanish",
    promise="A member that an answer for a status had is in every later answer for that status.",
    cause="An answer of another version or another server behind the same address.",
    remedy="Consumer: take a missing member for not said. Provider: answer from one version.",
    source="INF",
)
def members(task: TaskHistory) -> Found:
    return _by_law(task, "members")


@task_check(
    "NC410",
    "asking-changes-nothing",
    promise="Two queries at the same moment are answered the same.",
    cause="Asking moves the task, or answers come from copies that differ.",
    remedy="Consumer: decide by the furthest. Provider: see what a query writes.",
    source="INF: a GET is safe (RFC 9110)",
)
def alike(task: TaskHistory) -> Found:
    return None if task.submit.condition == "by-polls" else _by_law(task, "alike")


@task_check(
    "NC411",
    "a-task-is-forgotten-in-time",
    "risky",
    promise="A task is known for its time after its end, 24 hours for Sora, and unknown after it.",
    cause="Retention is longer or shorter than documented.",
    remedy="Consumer: download at once. Provider: say how long.",
    source="DOC",
)
def forgotten(task: TaskHistory) -> Found:
    end = task.end
    if end is None:
        return None
    gone_at_s = end.until_s + task.family.task_kept_s
    late = [one for one in task.queries if one.at_s > gone_at_s and one.answer is not None]
    still = [one for one in late if one.status not in _GONE]
    if not late:
        return None
    return [broken(one, Words(f"HTTP {one.status}"), "an unknown task by now") for one in still]


@run_check(
    "NC412",
    "ordinary-tasks-succeed",
    promise="An ordinary request that was accepted ends with a video.",
    cause="The upstream refuses or breaks, or the account may not use the model.",
    remedy="Consumer: read the error. Provider: see the upstream.",
    source="DOC",
)
def tasks_succeed(run: RunView) -> Found:
    by_family: dict[str, list[TaskHistory]] = {}
    for task in run.tasks:
        if task.submit.condition in ("", "expired", "data-uris", "by-polls") and task.end is not None:
            by_family.setdefault(task.family.name, []).append(task)
    if not by_family:
        return None
    broke = []
    for tasks in by_family.values():
        failed = [task for task in tasks if task.end is not None and task.end.json["status"] == "failed"]
        is_often = len(tasks) < _LEAST_TASKS or len(failed) / len(tasks) > _FAILS_TOO_OFTEN
        if failed and (run.is_mock or is_often):
            level: Level | None = None if run.is_mock else "risky"
            broke += [
                broken(task.end or task.submit, "failed", "succeeded", "/status", level=level)
                for task in failed
            ]
    return broke


@task_check(
    "NC413",
    "a-task-that-must-fail-fails",
    promise="A task that the run arranged to fail ends as failed.",
    cause="A failure is shown as success, or the arrangement did not reach the provider.",
    remedy="Provider: see how an end becomes a status.",
    source="SRC: the mappings",
)
def must_fail(task: TaskHistory) -> Found:
    if task.submit.condition != "failing" or task.end is None:
        return None
    found = task.end.json["status"]
    return [] if found == "failed" else [broken(task.end, found, "failed", "/status")]
