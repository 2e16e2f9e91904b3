"""The admin API of the mock itself, under ``/_mock``."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from nebula_mock.core.account import account_of
from nebula_mock.core.ledger import Bill
from nebula_mock.core.reply import JSON_PLAIN
from nebula_mock.http.admin_clock import clock_as_json
from nebula_mock.http.answers import json_answer
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
                "scenario": provider.plays.in_force().scenario.name,
                "clock": clock_as_json(provider.clock),
                "tasks": {"kept": len(provider.store), "dropped": provider.dropped},
            }
        )

    @routes.get("/ledger", provide_automatic_options=False)
    def ledger() -> Response:
        key = request.args.get("account")
        bills = provider.ledger() if key is None else (provider.bill(account_of(key)),)
        return _answer({"accounts": [_bill(one) for one in bills]})

    return routes


def _bill(one: Bill) -> dict[str, Any]:
    """A bill as JSON; money is decimal text, never a float."""
    plain = asdict(one)
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in plain.items()}


def _answer(body: dict[str, Any]) -> Response:
    return json_answer(body, media_type=JSON_PLAIN)
