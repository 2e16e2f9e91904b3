"""The suite is tested too: each wrong provider is caught by the check that is meant to catch it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from nebula_mock import Failure, Plan, Settings, create_app
from nebula_mock.runner import Runner
from nebula_schemas.catalogue import Dialect

Environ = dict[str, Any]
Lie = Callable[[Environ, Response], None]
INSTANT = Plan(waiting_s=0, running_s=0)


@dataclass(frozen=True)
class WrongProvider:
    """A provider that tells one lie, and the check that must catch it."""

    caught_by: str
    lie: Lie | None = None
    plan: Plan | None = None
    before: Callable[[Environ], None] | None = None


def _json(change: Callable[[dict[str, Any]], object], *, path: str = "", method: str = "GET") -> Lie:
    def lie(environ: Environ, response: Response) -> None:
        if (
            environ["REQUEST_METHOD"] == method
            and path in environ["PATH_INFO"]
            and response.status_code == 200
        ):
            body = json.loads(response.get_data())
            change(body)
            response.set_data(json.dumps(body))

    return lie


def _html_for_errors(_environ: Environ, response: Response) -> None:
    if response.status_code == 404:
        response.set_data("<html>Not Found</html>")
        response.content_type = "text/html"


def _no_request_id(_environ: Environ, response: Response) -> None:
    response.headers.pop("X-Oneapi-Request-Id")


def _everyone_is_one_account(environ: Environ) -> None:
    if "HTTP_AUTHORIZATION" in environ:
        environ["HTTP_AUTHORIZATION"] = "Bearer sk-everyone"


def _nobody_needs_a_key(environ: Environ) -> None:
    environ["HTTP_AUTHORIZATION"] = "Bearer sk-anyone"


def _video_without_ftyp(environ: Environ, response: Response) -> None:
    if "/results/" in environ["PATH_INFO"]:
        response.set_data(b"\0" * len(response.get_data()))


_DOWNLOAD, _TASK = "/download", "/generations/"

WRONG = {
    "size is one off": WrongProvider(
        "test_finished_task_gives_its_video",
        _json(lambda body: body.update(size=body["size"] + 1), path=_DOWNLOAD),
    ),
    "data_url is another video": WrongProvider(
        "test_finished_task_gives_its_video",
        _json(lambda body: body.update(data_url=body["data_url"][:-4] + "AAAA"), path=_DOWNLOAD),
    ),
    "upper-case statuses": WrongProvider(
        "test_every_poll_keeps_the_contract",
        _json(lambda body: "status" in body and body.update(status=body["status"].upper()), path=_TASK),
    ),
    "id of another task": WrongProvider(
        "test_every_poll_keeps_the_contract",
        _json(lambda body: body.update(task_id="video_" + "0" * 32), path=_TASK),
    ),
    "errors as pages": WrongProvider("test_another_method_is_an_unknown_route", _html_for_errors),
    "no request id": WrongProvider("test_unknown_task_is_refused", _no_request_id),
    "done at once": WrongProvider("test_task_is_not_done_at_once", plan=INSTANT),
    "always fails": WrongProvider("test_result_is_an_mp4", plan=Plan(failure=Failure("no"))),
    "never done": WrongProvider("test_statuses_come_in_order", plan=Plan(running_s=10_000)),
    "one id for all": WrongProvider(
        "test_task_ids_are_unique",
        _json(lambda body: body.update(task_id="video_" + "0" * 32), method="POST"),
    ),
    "accounts see each other": WrongProvider(
        "test_another_account_sees_no_task", before=_everyone_is_one_account
    ),
    "no key needed": WrongProvider("test_submit_without_a_key_is_refused", before=_nobody_needs_a_key),
    "echo of what was asked": WrongProvider(
        "test_coerced_value_is_the_one_in_use",
        _json(lambda body: (body.get("metadata") or {}).update(seconds="12", fps=25), path=_TASK),
    ),
    "not a video": WrongProvider("test_result_is_an_mp4", _video_without_ftyp),
}


def _provider(wrong: WrongProvider, dialect: Dialect = "documented") -> Callable[..., Iterable[bytes]]:
    app = create_app(Settings(dialect=dialect, clock="manual", plan=wrong.plan or Plan()))

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if wrong.before is not None:
            wrong.before(environ)
        response = Response(*run_wsgi_app(app, environ, buffered=True))
        if wrong.lie is not None:
            wrong.lie(environ, response)
        return response(environ, start_response)

    return application


def _suite(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    program = "from nebula_contract.cli import main; main()"
    command = [sys.executable, "-c", program, "test", "--target", url, "--examples", "5", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_wrong_provider_is_caught_by_its_check(wrong: WrongProvider) -> None:
    with Runner(_provider(wrong)) as runner:
        done = _suite(runner.url, "--check", wrong.caught_by)
    assert (done.returncode, wrong.caught_by in done.stdout) == (1, True), done.stdout


@pytest.mark.parametrize("dialect", ["documented", "gateway"])
def test_right_provider_is_not_accused(dialect: Dialect) -> None:
    """The same way round, with no lie told: every check holds, whichever dialect it speaks."""
    with Runner(_provider(WrongProvider("none"), dialect)) as runner:
        done = _suite(runner.url)
    assert done.returncode == 0, done.stdout
