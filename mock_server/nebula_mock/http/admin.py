"""The admin API of the mock itself, under ``/_mock``."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from nebula_mock.core.account import account_of
from nebula_mock.core.clock import ClockError
from nebula_mock.core.ledger import Bill
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.admin_bodies import MAX_ADMIN_BODY_BYTES
from nebula_mock.http.answers import JSON_PLAIN, admin_problem, json_answer
from nebula_mock.http.bodies import body_of, parsed
from nebula_mock.http.guards import ADMIN_PREFIX
from nebula_mock.provider import Provider
from nebula_schemas.version import VERSION


def admin(provider: Provider) -> Blueprint:
    """The routes of ``/_mock``."""
    routes = Blueprint("admin", __name__, url_prefix=ADMIN_PREFIX)

    @routes.get("/health", provide_automatic_options=False)
    def health() -> Response:
        return _answer(
            {
                "status": "ok",
                "version": VERSION,
                "runner": "werkzeug",
                "dialect": provider.dialect,
                "clock": _clock(provider),
                "tasks": {"kept": len(provider.store), "dropped": provider.dropped},
            }
        )

    @routes.get("/ledger", provide_automatic_options=False)
    def ledger() -> Response:
        key = request.args.get("account")
        bills = provider.ledger() if key is None else (provider.bill(account_of(key)),)
        return _answer({"accounts": [_bill(one) for one in bills]})

    @routes.get("/clock", provide_automatic_options=False)
    def clock() -> Response:
        return _answer(_clock(provider))

    @routes.post("/clock/advance", provide_automatic_options=False)
    def advance() -> Response:
        clock = provider.clock
        if clock.mode != "manual":
            return admin_problem(
                409,
                "Conflict",
                f"the clock is {clock.mode}; start the server with --clock manual to advance it",
            )
        try:
            seconds = parsed(body_of(request, MAX_ADMIN_BODY_BYTES)).get("seconds")
            if isinstance(seconds, bool) or not isinstance(seconds, int | float):
                return admin_problem(
                    400, "Bad Request", '$.seconds: expected a number, such as {"seconds": 60}'
                )
            clock.advance(seconds)
        except RefusalError as refusal:
            if refusal.problem_id == "body-too-large":
                return admin_problem(
                    413, "Content Too Large", f"expected at most {MAX_ADMIN_BODY_BYTES} bytes"
                )
            return admin_problem(400, "Bad Request", str(refusal.facts["reason"]))
        except ClockError as error:
            return admin_problem(400, "Bad Request", f"$.seconds: {error}")
        return _answer(_clock(provider))

    return routes


def _bill(one: Bill) -> dict[str, Any]:
    """A bill as JSON; money is decimal text, never a float."""
    plain = asdict(one)
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in plain.items()}


def _clock(provider: Provider) -> dict[str, Any]:
    clock = provider.clock
    return {"mode": clock.mode, "now": clock.now(), "speed": clock.speed}


def _answer(body: dict[str, Any]) -> Response:
    return json_answer(body, media_type=JSON_PLAIN)
