"""The client beside raw requests: the same asked twice, once as bytes and once by ``VideoClient``.

The raw exchange comes first. What the client did follows as exchanges of its own; the last of a call has the
purpose ``client``, the number of the raw exchange as its subject and, as its label, what the client made of the
answer, as a short JSON object; those before it have the purpose ``client-step``. The members of the label:

    outcome    accepted, refused, uncertain (a submit that may have been taken), unreachable, broken
               (the client says that the answer breaks the contract), expired, or other
    task_id    the id it gives
    status     of a query, the status in the client's words; of a submit, as answered
    urls       of a query, the result URLs, their queries hidden
    progress   of a query, 0 to 100 or null
    error      of a failed task or a refusal, its code as text, or null
    http       of a refusal, its HTTP status
    size, sha256   of a download, the file that the client wrote

A request that the client refuses before it sends anything leaves no exchange; how many did is noted.
"""

import hashlib
import json
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nebula_client import (
    BrokenContractError,
    ConfigurationError,
    NebulaError,
    RefusedError,
    ResultExpired,
    Submission,
    SubmitUncertain,
    Task,
    UnreachableError,
    VideoClient,
)
from nebula_contract.record.redaction import redacted_url
from nebula_contract.sending.asking import Case, is_over, result_urls_of, task_id_of
from nebula_contract.sending.client_recording import Recording
from nebula_contract.sending.defects import rejected_requests
from nebula_contract.sending.drawing import drawn
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.strategies import Generated, accepted_requests, coerced_requests
from nebula_contract.sending.target import Target
from nebula_contract.sending.wire import Sent
from nebula_schemas.catalogue import catalogue

_PAUSES_S = (0.0, 4.0, 20.0)
_PATIENT_S = 12.0


def send_client_twins(target: Target, profile: Profile, seed: int) -> None:
    """Twins of every family; nothing is judged."""
    twin = _Twin(target)
    try:
        _send(target, profile, seed, twin)
    finally:
        twin.client.close()
    if twin.refused_itself:
        target.recorder.notes.append(
            f"The client refused {twin.refused_itself} generated requests itself; nothing was sent for them."
        )


def _send(target: Target, profile: Profile, seed: int, twin: "_Twin") -> None:
    made: list[tuple[Case, str]] = []
    for family in catalogue().families:
        for strategy in (accepted_requests, coerced_requests, rejected_requests):
            for number, one in enumerate(drawn(strategy(family), profile.twins, seed + 1), 1):
                case = Case(target, f"client/{family.name}/{strategy.__name__.partition('_')[0]}-{number}")
                raw = twin.submit(case, one)
                if raw is not None and (task_id := task_id_of(raw)) is not None:
                    made.append((case, task_id))
    for pause_s in _PAUSES_S:
        target.clock.pass_time(pause_s if target.clock.is_free else min(pause_s, _PATIENT_S))
        for case, task_id in made:
            last = twin.query(case, task_id)
            if pause_s == _PAUSES_S[-1] and is_over(last):
                twin.download(case, task_id, last)
    for name in ("video_" + "0" * 32, "none"):
        twin.query(Case(target, f"client/unknown/{name[:5]}"), name)


class _Twin:
    """Asks raw, then by the client, and notes what the client said."""

    def __init__(self, target: Target) -> None:
        self.recording = Recording(target.wire)
        self.client = VideoClient(
            target.wire.key_of("own"),
            target.wire.base_url,
            request_retries=0,
            sleep=lambda _: None,  # what it would wait for is not what is looked at
            adapter=self.recording,
        )
        self.refused_itself = 0

    def submit(self, case: Case, one: Generated) -> Sent | None:
        """One submit; None where the client has no words for its body."""
        arguments = _arguments(one)
        if arguments is None:
            return None
        raw = case.submit(one.body, "input", label=one.label, content_type=one.content_type)
        self._said(case, raw, lambda: _of_submission(self.client.submit(**arguments)))
        return raw

    def query(self, case: Case, task_id: str) -> Sent:
        """One query."""
        raw = case.query(task_id)
        self._said(case, raw, lambda: _of_task(self.client.query(task_id)))
        return raw

    def download(self, case: Case, task_id: str, last: Sent) -> None:
        """One video, by the way that its family has."""
        urls = result_urls_of(last)
        raw = case.result(urls[0], task_id) if urls else case.download(task_id)
        if raw is None:
            return
        with tempfile.TemporaryDirectory(prefix="nebula-contract-") as folder:
            path = Path(folder) / "video.mp4"
            self._said(case, raw, lambda: _of_file(self.client.download(task_id, path).path))

    def _said(self, case: Case, raw: Sent, call: Callable[[], Mapping[str, Any]]) -> None:
        self.recording.begin(case, raw)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a value is changed is the point of some inputs
            try:
                reading = call()
            except ConfigurationError:
                self.refused_itself += 1
                reading = {"outcome": "other"}
            except NebulaError as error:
                reading = _of_error(error)
        self.recording.end(json.dumps(reading, sort_keys=True))


def _arguments(one: Generated) -> dict[str, Any] | None:
    try:
        body = json.loads(one.body)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("model"), str) or not one.content_type:
        return None
    prompt = body.pop("prompt", None)
    return {"prompt": prompt, **body} if all(name.isidentifier() for name in body) else None


def _of_submission(made: Submission) -> dict[str, Any]:
    return {"outcome": "accepted", "task_id": made.task_id, "status": made.status}


def _of_task(task: Task) -> dict[str, Any]:
    return {
        "outcome": "accepted",
        "task_id": task.task_id,
        "status": task.status,
        "urls": [redacted_url(url)[:500] for url in task.urls],
        "progress": task.progress_percent,
        "error": None if task.error is None else str(task.error.code),
    }


def _of_file(path: Path) -> dict[str, Any]:
    video = path.read_bytes()
    return {"outcome": "accepted", "size": len(video), "sha256": hashlib.sha256(video).hexdigest()}


def _of_error(error: NebulaError) -> dict[str, Any]:
    outcome = next((word for kind, word in _OUTCOMES.items() if isinstance(error, kind)), "other")
    code = error.code if isinstance(error, RefusedError) else None
    return {"outcome": outcome, "http": error.status, "error": code, "task_id": error.task_id}


_OUTCOMES: Mapping[type[NebulaError], str] = {
    ResultExpired: "expired",
    RefusedError: "refused",
    SubmitUncertain: "uncertain",
    UnreachableError: "unreachable",
    BrokenContractError: "broken",
}
