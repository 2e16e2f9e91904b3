"""What all parts of the admin API have in common: where they are, how they refuse, how they answer."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response

from nebula_mock.core.reply import JSON_PLAIN
from nebula_mock.http.admin_bodies import AdminError
from nebula_mock.http.answers import json_answer
from nebula_mock.http.guards import ADMIN_PREFIX

Route = tuple[str, str, Callable[..., Response]]


def admin_blueprint(name: str, *routes: Route) -> Blueprint:
    """A part of the admin API: method, path behind the prefix, and what answers; its refusals are problem documents."""
    part = Blueprint(name, __name__, url_prefix=ADMIN_PREFIX)
    part.register_error_handler(AdminError, AdminError.answer)
    for method, path, view in routes:
        part.add_url_rule(path, f"{method} {path}", view, methods=[method], provide_automatic_options=False)
    return part


def admin_answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """The answer of the admin API, which is no answer of the provider: its type names no charset."""
    return json_answer(body, status, media_type=JSON_PLAIN)
