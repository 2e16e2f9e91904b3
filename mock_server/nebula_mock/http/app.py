"""The Flask application: wiring, and the answers for what no route handles."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.admin import admin
from nebula_mock.http.admin_accounts import admin_accounts
from nebula_mock.http.admin_clock import admin_clock
from nebula_mock.http.admin_faults import admin_faults
from nebula_mock.http.admin_journal import admin_journal
from nebula_mock.http.admin_openapi import admin_openapi
from nebula_mock.http.admin_reset import admin_reset
from nebula_mock.http.admin_scenario import admin_scenario
from nebula_mock.http.admin_tasks import admin_tasks
from nebula_mock.http.admission import Admission
from nebula_mock.http.answers import admin_problem, refusal_reply
from nebula_mock.http.asked_scenario import install_asked_scenario
from nebula_mock.http.exchange import current_exchange
from nebula_mock.http.guards import ADMIN_PREFIX, install_guards
from nebula_mock.http.operations import operations
from nebula_mock.http.recorder import Recorder
from nebula_mock.http.rendering import rendered
from nebula_mock.http.request_ids import new_request_id
from nebula_mock.http.turns import NoConnectionError
from nebula_mock.http.undocumented import undocumented
from nebula_mock.journal import Journal
from nebula_mock.provider import Provider
from nebula_mock.settings import Settings
from nebula_schemas.version import VERSION

_log = logging.getLogger("nebula_mock")


class _PlainFlask(Flask):
    """Flask without coroutines: to ask each function of each request whether it is one costs what a poll does."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


def create_app(
    settings: Settings | None = None, *, provider: Provider | None = None, journal: Journal | None = None
) -> Flask:
    """The provider as a WSGI application.

    Args:
        settings: How it is set up; the defaults when None.
        provider: The provider to serve, where the caller keeps hold of it; else a new one.
        journal: Where exchanges are recorded, likewise.
    """
    settings = settings or Settings()
    provider = provider or settings.provider()
    journal = settings.started_journal() if journal is None else journal
    app = _PlainFlask("nebula_mock", static_folder=None)
    app.url_map.merge_slashes = False  # a doubled slash is an unknown route, never an HTML redirect
    app.url_map.strict_slashes = True

    @app.before_request
    def name_request() -> None:
        g.request_id = new_request_id(datetime.now(UTC))
        exchange = current_exchange()
        exchange.request_id = g.request_id
        exchange.note_route(request.endpoint)
        g.dialect = provider.dialect  # until the account is known
        path = request.environ["PATH_INFO"]
        if path.startswith("//"):  # routing would drop the first slash
            raise RefusalError("unknown-route", method=request.method, path=path)

    install_guards(app, settings)
    install_asked_scenario(app)
    admission = Admission(provider, settings.keyring)
    app.register_blueprint(operations(provider, admission))
    app.register_blueprint(undocumented(provider, admission))
    app.register_blueprint(admin(provider))
    app.register_blueprint(admin_clock(provider))
    app.register_blueprint(admin_accounts(provider, settings))
    app.register_blueprint(admin_scenario(provider))
    app.register_blueprint(admin_faults(provider))
    app.register_blueprint(admin_openapi(provider))
    app.register_blueprint(admin_journal(journal, settings.redactor))
    app.register_blueprint(admin_tasks(provider, settings.redactor))
    app.register_blueprint(admin_reset(provider, journal))
    _install_last_answers(app)
    if journal.is_on:
        recorder = Recorder(app.wsgi_app, journal, provider.clock, settings.redactor)
        app.wsgi_app = recorder  # type: ignore[method-assign] # how Flask asks for a middleware
    return app


def _install_last_answers(app: Flask) -> None:
    """Whatever happens, the answer is JSON, names the request and says that a mock gave it."""

    @app.after_request
    def name_answer(response: Response) -> Response:
        response.headers["X-Oneapi-Request-Id"] = g.request_id
        response.headers["X-Nebula-Mock"] = VERSION
        return response

    @app.errorhandler(NoConnectionError)
    def cannot_break(error: NoConnectionError) -> Response:
        return admin_problem(501, "Not Implemented", str(error))

    @app.errorhandler(RefusalError)
    def refused(refusal: RefusalError) -> Response:
        current_exchange().note_refusal(refusal.problem_id)
        return rendered(refusal_reply(g.dialect, refusal, g.request_id), request)

    # A wrong path, a wrong method, a redirect for a slash: all an unknown route, as in the
    # provider's router, which answers 404 to a wrong method too.
    @app.errorhandler(HTTPException)
    def unknown_route(_error: HTTPException) -> Response:
        if request.path.startswith(ADMIN_PREFIX):
            return admin_problem(404, "Not Found", f"no admin route {request.method} {request.path[:200]}")
        return refused(RefusalError("unknown-route", method=request.method, path=request.path))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        _log.error("internal error, request id %s", g.request_id, exc_info=error)
        return refused(RefusalError("internal"))
