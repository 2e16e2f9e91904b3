"""An independent server of the API as of August 2025: tasks in a wrapper, words in capitals, no download.

Written from what is known of that version's source, not from the mock; it knows no header and no clock of ours.
"""

import json
import uuid
from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
_GENERATIONS = "/v1/video/generations"
_STATES = ("NOT_START", "SUBMITTED", "IN_PROGRESS", "SUCCESS")


class OlderProvider:
    """The application; a task moves with each query of it."""

    def __init__(self) -> None:
        """No task yet."""
        self._tasks: dict[str, tuple[str, int]] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        raw = environ["wsgi.input"].read(length)
        status, body = self._answer(environ, raw)
        data = json.dumps(body).encode()
        start_response(
            f"{status} Older",
            [
                ("Content-Type", "application/json; charset=utf-8"),
                ("X-Oneapi-Request-Id", uuid.uuid4().hex),
                ("Content-Length", str(len(data))),
            ],
        )
        return [data] if environ["REQUEST_METHOD"] != "HEAD" else []

    def _answer(self, environ: Environ, raw: bytes) -> tuple[int, Any]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        key = environ.get("HTTP_AUTHORIZATION", "")
        if not path.startswith(_GENERATIONS):
            return 404, _unknown(method, path)
        if not key:
            return 401, _e1("no token")
        if method == "POST" and path == _GENERATIONS:
            return self._submit(environ, key, raw)
        if method == "GET" and path.count("/") == _GENERATIONS.count("/") + 1:
            return self._query(key, path.rpartition("/")[2])
        return 404, _unknown(method, path)

    def _submit(self, environ: Environ, key: str, raw: bytes) -> tuple[int, Any]:
        if not environ.get("CONTENT_TYPE", "").startswith("application/json"):
            return 400, _e1("no model")
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            return 400, _e1("Invalid request")
        model = body.get("model") if isinstance(body, dict) else None
        if not isinstance(model, str) or not model:
            return 400, _e1("no model")
        if not model.startswith(("sora", "veo", "wan", "doubao")):
            return 503, _e1(f"no channel for {model}", "model_not_found")
        if not model.startswith("doubao") and not str(body.get("prompt") or "").strip():
            return 400, {"code": "invalid_request", "message": "prompt is required", "data": None}
        task_id = f"task_{uuid.uuid4().hex}"
        self._tasks[task_id] = (key, 0)
        return 200, {"task_id": task_id}

    def _query(self, key: str, task_id: str) -> tuple[int, Any]:
        owner, polls = self._tasks.get(task_id, ("", 0))
        if owner != key:
            return 400, {"code": "task_not_exist", "message": "task_not_exist", "data": None}
        self._tasks[task_id] = (owner, polls + 1)
        state = _STATES[min(polls, len(_STATES) - 1)]
        progress = {"SUCCESS": "100%", "IN_PROGRESS": "30%"}.get(state, "0%")
        data = {
            "task_id": task_id,
            "action": "generate",
            "status": state,
            "progress": progress,
            "fail_reason": "",
        }
        return 200, {"code": "success", "message": "", "data": data}


def _e1(message: str, code: str = "") -> Any:
    return {"error": {"message": f"{message} (request id: 1)", "type": "nebula_api_error", "code": code}}


def _unknown(method: str, path: str) -> Any:
    message = f"Invalid URL ({method} {path})"
    return {"error": {"message": message, "type": "invalid_request_error", "param": "", "code": ""}}
