"""Results over HTTP: what a query shows of them, and the file behind a URL."""

import hashlib
from datetime import UTC, datetime

from flask import url_for

from nebula_mock.core.reply import DATA_URI_HEAD, FileContent, Reply, Video, video_mark
from nebula_mock.core.task import Task
from nebula_mock.provider import Provider, Seen
from nebula_mock.video.film import Film

_SIGNATURE_DIGITS = 32
_EXPIRED = "expired"  # what the stored value of a data URI becomes (DOC, SRC)


def shown_results(provider: Provider, seen: Seen) -> tuple[list[str], list[Film]]:
    """What a query shows of the results, and the films that stand in the answer itself."""
    task, count = seen.task, provider.result_count(seen)
    if not count or not provider.gives_data_uris(task):
        return [_result_url(task, index) for index in range(count)], []
    if provider.has_lost_data_uris(task):
        return [_EXPIRED], []
    uris = [DATA_URI_HEAD + video_mark(index) for index in range(count)]
    return uris, [provider.film(task, index) for index in range(count)]


def _result_url(task: Task, index: int) -> str:
    """The URL of a result on this server, with what its storage would sign in the query string."""
    plain = url_for("operations.result", token=task.result_token, index=index, _external=True)
    if not task.family.result_query:
        return plain
    signature = hashlib.sha256(f"{task.result_token}/{index}".encode()).hexdigest()[:_SIGNATURE_DIGITS]
    ended = datetime.fromtimestamp(task.ends_at, UTC)
    query = task.family.result_query.format(
        expires=int(task.ends_at + task.url_valid_s),
        valid_s=int(task.url_valid_s),
        date=ended.strftime("%Y%m%dT%H%M%SZ"),
        signature=signature,
    )
    return f"{plain}?{query}"


def file_reply(task: Task, film: Film) -> Reply:
    """The file that a result URL points at."""
    return Reply(FileContent(Video(film)), media_type=film.media_type, task=task)
