"""The provider's three operations as routes, and the results that their URLs point at."""

from flask import Blueprint, Response, request, url_for

from nebula_mock.core.account import Keyring
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.answers import JSON_PLAIN, json_answer, streamed_download
from nebula_mock.http.bodies import json_object
from nebula_mock.http.results import result_answer
from nebula_mock.provider import Provider, Seen

GENERATIONS = "/v1/video/generations"


def operations(provider: Provider, keyring: Keyring) -> Blueprint:
    """The routes of ``POST`` and ``GET /v1/video/generations...`` and of the result files."""
    routes = Blueprint("operations", __name__)

    def account(*, is_submit: bool = False) -> str:
        whose = keyring.account(request.headers.get("Authorization"), provider.words.name)
        provider.admit(whose, is_submit=is_submit)
        return whose

    @routes.before_request
    def refuse_head() -> None:
        """Flask adds HEAD to every GET; the provider's router has none. A result's storage does."""
        if request.method == "HEAD" and request.endpoint != "operations.result":
            raise RefusalError("unknown-route", method=request.method, path=request.path)

    @routes.post(GENERATIONS, provide_automatic_options=False)
    def submit() -> Response:
        whose = account(is_submit=True)
        task = provider.submit(whose, json_object(request))
        return json_answer(provider.words.submitted(task))

    # The literal word stands before the id, as in the provider's router: "download" is never an id.
    @routes.get(f"{GENERATIONS}/download", provide_automatic_options=False)
    def download() -> Response:
        task, film = provider.download(account(), request.args.get("id"))
        return streamed_download(provider.words.downloaded(task, film.length), film)

    @routes.get(f"{GENERATIONS}/<task_id>", provide_automatic_options=False)
    def query(task_id: str) -> Response:
        seen = provider.query(account(), task_id)
        body = provider.words.queried(seen.task, seen.observation, _urls(seen, provider.result_count(seen)))
        return json_answer(body, media_type=JSON_PLAIN)

    # No key is asked for: the unguessable part makes it what a signed URL is at the provider.
    @routes.get("/results/<token>/<int:index>.mp4", provide_automatic_options=False)
    def result(token: str, index: int) -> Response:
        film = provider.result(token, index)
        if film is None:
            raise RefusalError("unknown-route", method=request.method, path=request.path)
        return result_answer(film, request)

    return routes


def _urls(seen: Seen, count: int) -> list[str]:
    token = seen.task.result_token
    return [url_for("operations.result", token=token, index=i, _external=True) for i in range(count)]
