"""Routes that stand in the provider's server source and in no document: the gateway dialect alone has them.

They are part of what a consumer of production may meet, and no part of the contract.
"""

from dataclasses import replace

from flask import Blueprint, Response, g, request

from nebula_mock.core.reply import Reply
from nebula_mock.core.subject import subject_of_task
from nebula_mock.http.admission import Admission, unknown_route
from nebula_mock.http.exchange import current_exchange
from nebula_mock.http.operations import GENERATIONS, query_answer, submit_answer
from nebula_mock.http.results import file_reply
from nebula_mock.http.turns import Acting, turn_of
from nebula_mock.provider import Provider

VIDEOS = "/v1/videos"

_PUBLIC_FOR_A_DAY = "public, max-age=86400"


def undocumented(provider: Provider, admission: Admission) -> Blueprint:
    """The routes of ``/v1/videos``, which lead to the same handlers, and of the raw video."""
    routes = Blueprint("undocumented", __name__)

    @routes.before_request
    def refuse_head() -> None:
        if request.method == "HEAD":
            raise unknown_route()

    @routes.post(VIDEOS, provide_automatic_options=False)
    def submit() -> Response:
        return submit_answer(provider, admission.gateway_account(is_submit=True))

    @routes.get(f"{VIDEOS}/<task_id>", provide_automatic_options=False)
    def query(task_id: str) -> Response:
        return query_answer(provider, admission.gateway_account(), task_id)

    # The source asks for no key here: whoever knows the id gets the video.
    @routes.get(f"{VIDEOS}/<task_id>/content", provide_automatic_options=False)
    @routes.get(f"{GENERATIONS}/<task_id>/content/<_gen_id>", provide_automatic_options=False)
    def content(task_id: str, _gen_id: str | None = None) -> Response:
        if not provider.speaks("gateway"):
            raise unknown_route()
        g.dialect = "gateway"
        exchange = current_exchange()
        exchange.task_id = task_id
        task = provider.content_task(task_id)
        exchange.note_task(task)
        turn = turn_of(provider, task.account, "content")

        def done(_acting: Acting) -> Reply:
            reply = file_reply(task, provider.content(task))
            return replace(reply, headers={"Cache-Control": _PUBLIC_FOR_A_DAY})

        return turn.answer(subject_of_task(task), done, lambda: task_id, task_id=task_id)

    return routes
