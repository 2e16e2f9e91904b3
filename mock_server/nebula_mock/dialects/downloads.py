"""The body of a download: every source agrees on it."""

from nebula_mock.core.reply import DATA_URI_HEAD, JsonObject, video_mark
from nebula_mock.core.task import Task


def download_body(task: Task, size_bytes: int) -> JsonObject:
    """The body of the download page, in the page's order of members (PAGE, DOC, SRC)."""
    return {
        "success": True,
        "generation_id": task.task_id,
        "task_id": task.task_id,
        "format": "mp4",
        "size": size_bytes,
        "base64": video_mark(),
        "data_url": DATA_URI_HEAD + video_mark(),
    }
