"""What a provider that is well says: the answers that faults are made from."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from client_trials.raw_provider import Play, answer, says

TASK_ID = "video_69095b4ce0048190893a01510c0c98b0"
"""A Sora task: its video comes in a document."""
WAN_ID = "ae8eb420-8aa6-440a-8eb8-1d1afe8d5e97"
"""A Wan task: its video is behind a URL."""
VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 2 + b"\x01"


def submitted(**changed: Any) -> bytes:
    """The answer to a submit."""
    return answer(200, {"task_id": TASK_ID, "status": "submitted", **changed})


def task(status: object = "succeeded", **changed: Any) -> bytes:
    """The answer to a query."""
    return answer(200, {"task_id": TASK_ID, "status": status, "format": "mp4", **changed})


def members(video: bytes = VIDEO, **changed: Any) -> dict[str, Any]:
    """The members of a download's document; None where one is left out."""
    text = base64.b64encode(video).decode()
    whole = {
        "success": True,
        "task_id": TASK_ID,
        "filename": "cat.mp4",
        "content_type": "video/mp4",
        "size": len(video),
        "base64": text,
        "data_url": f"data:video/mp4;base64,{text}",
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not Missing}


class Missing:
    """Stands for a member that is not there."""


def document(video: bytes = VIDEO, **changed: Any) -> bytes:
    """The body of a download."""
    return json.dumps(members(video, **changed)).encode()


def downloaded(video: bytes = VIDEO, **changed: Any) -> bytes:
    """The answer to a download."""
    return answer(200, document(video, **changed))


def file(video: bytes = VIDEO, *headers: str) -> bytes:
    """The answer of the host behind a result URL."""
    return answer(200, video, "Content-Type: video/mp4", *headers)


WHOLE: Mapping[str, Play] = {
    "submit": says(submitted()),
    "query": says(task()),
    "wait": says(task()),
    "download": says(downloaded()),
    "result": says(file()),
}
"""For each operation, a provider that is well."""
BODIES: Mapping[str, bytes] = {
    "submit": submitted(),
    "query": task(),
    "wait": task(),
    "download": downloaded(),
    "result": file(),
}
"""The same as bytes."""
