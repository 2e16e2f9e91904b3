"""Tasks over the admin API: what will become of each, and what it does next. Nothing here moves one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

from flask import Blueprint, Response, request

from nebula_mock.core.lifecycle import Observation, Plan, Stage
from nebula_mock.core.next_change import next_change
from nebula_mock.core.task import Task
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_bodies import AdminError, account_asked, bad_request, refuse_unknown_parameters
from nebula_mock.provider import Provider
from nebula_mock.redactor import Redactor

STAGES: tuple[Stage, ...] = get_args(Stage)

_DEFAULT_LIMIT, _LARGEST_LIMIT = 100, 1000
_LARGEST_OFFSET = 10**9
_LONGEST_SHOWN = 80  # characters of what somebody asked for


def admin_tasks(provider: Provider, redactor: Redactor) -> Blueprint:
    """The routes of ``/_mock/tasks``."""
    desk = _Desk(provider, redactor)
    return admin_blueprint(
        "admin_tasks",
        ("GET", "/tasks", desk.see),
        ("GET", "/tasks/<path:task_id>", desk.see_one),
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where tasks are seen; one method a route."""

    provider: Provider
    redactor: Redactor

    def see(self) -> Response:
        """A page of the tasks that the filters leave, oldest first."""
        refuse_unknown_parameters(request, "account", "stage", "model", "limit", "offset")
        limit = _number("limit", 1, _LARGEST_LIMIT, _DEFAULT_LIMIT)
        offset = _number("offset", 0, _LARGEST_OFFSET, 0)
        model, stage = request.args.get("model"), request.args.get("stage")
        if stage is not None and stage not in STAGES:
            expected = f"expected one of {', '.join(STAGES)}"
            raise bad_request(f"stage: found {stage[:_LONGEST_SHOWN]!r}, {expected}")
        found = [
            task
            for task in self._tasks(account_asked(request))
            if model in (None, task.model.id) and stage in (None, self._seen(task).stage)
        ]
        shown = found[offset : offset + limit]
        end = offset + len(shown)
        body = {
            "tasks": [self._told(task) for task in shown],
            "total": len(found),
            "next_offset": end if shown and end < len(found) else None,
        }
        return admin_answer(body)

    def see_one(self, task_id: str) -> Response:
        """One task."""
        refuse_unknown_parameters(request, "account")
        found = [one for one in self._tasks(account_asked(request)) if one.task_id == task_id]
        if not found:
            shown = self.redactor.text(task_id)[:_LONGEST_SHOWN]
            raise AdminError(404, "Not Found", f"no task {shown!r} is kept; {_WAY_OUT}")
        if len(found) > 1:
            raise bad_request(f"found {len(found)} accounts with a task of that id; name one by ?account=KEY")
        return admin_answer(self._told(found[0]))

    def _tasks(self, account: str | None) -> list[Task]:
        store = self.provider.store
        return list(store.tasks() if account is None else store.tasks_of(account))

    def _seen(self, task: Task) -> Observation:
        return task.observed_at(self.provider.now(task.account), self.provider.books.polls.of(task))

    def _told(self, task: Task) -> dict[str, Any]:
        """A task as JSON, without secrets, and without what makes its result URLs unguessable."""
        books = self.provider.books
        now, polls = self.provider.now(task.account), books.polls.of(task)
        seen, change = task.observed_at(now, polls), next_change(task, now, polls)
        return {
            "task_id": task.task_id,
            "account": task.account,
            "family": task.family.name,
            "model": task.model.id,
            "prompt": self.redactor.text(task.prompt),
            "parameters": self.redactor.value(dict(task.parameters)),
            "remix_of": task.remix_of,
            "price_usd": f"{task.price_usd:f}",
            "submitted_at": task.submitted_at,
            "stage": seen.stage,
            "progress_percent": seen.progress_percent,
            "plan": _plan(task.plan),
            "polls": None if task.plan.polls is None else polls,
            "next_change": None if change is None else asdict(change),
            "ended_at": seen.ended_at,
            "fetched": books.fetches.has(task),
        }


_WAY_OUT = (
    "GET /_mock/tasks lists those that are. The oldest make room when there are too many, a reset forgets "
    "all, and another account's are not found with ?account=KEY"
)


def _plan(plan: Plan) -> Mapping[str, Any]:
    is_by_time = plan.polls is None
    return {
        "waiting_s": plan.waiting_s if is_by_time else None,
        "running_s": plan.running_s if is_by_time else None,
        "is_endless": plan.is_endless,
        "polls": None if plan.polls is None else asdict(plan.polls),
        "failure": None if plan.failure is None else asdict(plan.failure),
    }


def _number(name: str, least: int, most: int, default: int) -> int:
    given = request.args.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdecimal() and least <= int(given[:20]) <= most):
        expected = f"expected a whole number from {least} to {most}"
        raise bad_request(f"{name}: found {given[:_LONGEST_SHOWN]!r}, {expected}")
    return int(given)
