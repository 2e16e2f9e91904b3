"""The admin API of the mock itself, under ``/_mock``."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from nebula_mock.core.account import account_of
from nebula_mock.core.ledger import Bill
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_clock import clock_as_json
from nebula_mock.provider import Provider
from nebula_schemas.version import VERSION


def admin(provider: Provider) -> Blueprint:
    """The routes of ``/_mock``."""

    def health() -> Response:
        return admin_answer(
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

    def ledger() -> Response:
        key = request.args.get("account")
        bills = provider.ledger() if key is None else (provider.bill(account_of(key)),)
        return admin_answer({"accounts": [_bill(one) for one in bills]})

    return admin_blueprint("admin", ("GET", "/health", health), ("GET", "/ledger", ledger))


def _bill(one: Bill) -> dict[str, Any]:
    """A bill as JSON; money is decimal text, never a float."""
    plain = asdict(one)
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in plain.items()}
