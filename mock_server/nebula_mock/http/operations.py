"""The provider's three operations as routes, and the results that their URLs point at."""

from flask import Blueprint, Response, g, request

from nebula_mock.core.about import about_submit
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.reply import JSON_PLAIN, JsonContent, Reply, Video
from nebula_mock.core.subject import subject_of_task
from nebula_mock.http.admission import Admission, unknown_route
from nebula_mock.http.bodies import submitted_body
from nebula_mock.http.exchange import current_exchange
from nebula_mock.http.results import file_reply, shown_results
from nebula_mock.http.turns import Acting, turn_of
from nebula_mock.provider import Provider, Seen

GENERATIONS = "/v1/video/generations"


def operations(provider: Provider, admission: Admission) -> Blueprint:
    """The routes of ``POST`` and ``GET /v1/video/generations...`` and of the result files."""
    routes = Blueprint("operations", __name__)

    @routes.before_request
    def refuse_head() -> None:
        """Flask adds HEAD to every GET; the provider's router has none. A result's storage does."""
        if request.method == "HEAD" and request.endpoint != "operations.result":
            raise unknown_route()

    @routes.post(GENERATIONS, provide_automatic_options=False)
    def submit() -> Response:
        return submit_answer(provider, admission.account(is_submit=True))

    # The literal word stands before the id, as in the provider's router: "download" is never an id.
    @routes.get(f"{GENERATIONS}/download", provide_automatic_options=False)
    def download() -> Response:
        return download_answer(provider, admission.account(), request.args.get("id"))

    @routes.get(f"{GENERATIONS}/<task_id>", provide_automatic_options=False)
    def query(task_id: str) -> Response:
        return query_answer(provider, admission.account(), task_id)

    # No key is asked for: the unguessable part makes it what a signed URL is at the provider.
    @routes.get("/results/<token>/<int:index>.mp4", provide_automatic_options=False)
    def result(token: str, index: int) -> Response:
        return result_answer(provider, token, index)

    return routes


def submit_answer(provider: Provider, account: str) -> Response:
    """The answer to a submit of the current request."""
    exchange = current_exchange()
    turn = turn_of(provider, account, "submit")
    try:
        body = submitted_body(request)
    except RefusalError as refusal:
        provider.count_refused(account, refusal)
        raise

    subject = provider.submit_subject(body.fields, g.dialect)
    exchange.prompt, exchange.model = subject.prompt, subject.model

    def done(acting: Acting) -> Reply:
        task = provider.submit(
            account,
            body.fields,
            body.media_type,
            turn.asked,
            noted=exchange.draws.append,
            twist=acting.on_task,
        )
        exchange.note_task(task)
        return Reply(JsonContent(provider.words_in(g.dialect).submitted(task)), task=task)

    return turn.answer(subject, done, lambda: about_submit(body.fields))


def query_answer(provider: Provider, account: str, task_id: str) -> Response:
    """The answer to a query; streamed where the results stand in it."""
    exchange = current_exchange()
    exchange.task_id = task_id
    turn = turn_of(provider, account, "query")

    def done(acting: Acting) -> Reply:
        seen = provider.query(account, task_id, turn.asked)
        exchange.note_task(seen.task)
        seen = Seen(seen.task, acting.on_sight(seen.task, seen.observation))
        urls, films = shown_results(provider, seen)
        body = provider.words_in(g.dialect).queried(seen.task, seen.observation, urls)
        content = JsonContent(body, tuple(map(Video, films)))
        return Reply(content, media_type=JSON_PLAIN, task=seen.task)

    return turn.answer(provider.task_subject(account, task_id), done, lambda: task_id or "", task_id=task_id)


def download_answer(provider: Provider, account: str, task_id: str | None) -> Response:
    """The answer to a download: the video in base64, streamed."""
    exchange = current_exchange()
    exchange.task_id = task_id
    turn = turn_of(provider, account, "download")

    def done(_acting: Acting) -> Reply:
        task, film = provider.download(account, task_id)
        exchange.note_task(task)
        body = provider.words_in(g.dialect).downloaded(task, film.length)
        return Reply(JsonContent(body, (Video(film),)), task=task)

    return turn.answer(provider.task_subject(account, task_id), done, lambda: task_id or "", task_id=task_id)


def result_answer(provider: Provider, token: str, index: int) -> Response:
    """The answer to a request for the file behind a result URL: the storage's, where the URL was made."""
    task = provider.store.by_result_token(token)
    if task is None:
        raise unknown_route()
    exchange = current_exchange()
    exchange.note_task(task)
    turn = turn_of(provider, task.account, "result")

    def done(_acting: Acting) -> Reply:
        film = provider.result(token, index)
        if film is None:
            raise unknown_route()
        return file_reply(task, film)

    return turn.answer(subject_of_task(task), done, lambda: task.task_id, task_id=task.task_id)
