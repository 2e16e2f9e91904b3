"""Bodies of admin requests: JSON under a schema of ours, or a problem document that says why not."""

from typing import Any

from flask import Request, Response

from nebula_mock.core.account import account_of, can_be_sent
from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.answers import admin_problem
from nebula_mock.http.bodies import body_of, parsed
from nebula_mock.json_files import told_without_secrets, violations

MAX_ADMIN_BODY_BYTES = 1024 * 1024
"""The largest body of an admin request."""


class AdminError(Exception):
    """An admin request that cannot be carried out; nothing was changed.

    Attributes:
        status: HTTP status.
        title: Its phrase.
        detail: What was found, where, what was expected.
    """

    def __init__(self, status: int, title: str, detail: str) -> None:
        """Keep what the answer says."""
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail

    def answer(self) -> Response:
        """The problem document."""
        return admin_problem(self.status, self.title, self.detail)


def bad_request(detail: str) -> AdminError:
    """The error for a request that says something wrong."""
    return AdminError(400, "Bad Request", detail)


def account_asked(request: Request) -> str | None:
    """The account that ``?account=KEY`` names; None without it.

    Raises:
        AdminError: 400 for what is no key.
    """
    key = request.args.get("account")
    if key is None:
        return None
    if not can_be_sent(key):
        raise bad_request("account: found no key that can be sent, expected ?account=KEY, such as sk-test")
    return account_of(key)


def refuse_unknown_parameters(request: Request, *known: str) -> None:
    """Nothing, when every parameter of the query string is known and stands there once.

    Raises:
        AdminError: 400 for the first other one.
    """
    for name, values in request.args.lists():
        if name not in known:
            expected = ", ".join(sorted(known)) or "none"
            raise bad_request(f"found the parameter {name[:40]!r}, expected {expected}")
        if len(values) > 1:
            raise bad_request(f"{name}: found it {len(values)} times, expected it once")


def admin_object(request: Request, schema: str) -> dict[str, Any]:
    """The JSON object an admin request carries, valid by the schema of that name.

    Raises:
        AdminError: 413 over 1 MiB; 415 when it is encoded; 400 when it is no JSON object or breaks the schema.
    """
    return admin_valid(admin_json(request), schema)


def admin_valid(value: dict[str, Any], schema: str) -> dict[str, Any]:
    """The same object, valid by the schema of that name.

    Raises:
        AdminError: 400 when it breaks the schema.
    """
    if found := violations(schema, value):
        raise bad_request("; ".join(told_without_secrets("body", found, value)))
    return value


def admin_json(request: Request) -> dict[str, Any]:
    """The JSON object an admin request carries, whatever is in it.

    Raises:
        AdminError: 413 over 1 MiB; 400 when it is no JSON object.
    """
    try:
        return parsed(body_of(request, MAX_ADMIN_BODY_BYTES))
    except RefusalError as refusal:
        if refusal.problem_id == "body-too-large":
            expected = f"expected at most {MAX_ADMIN_BODY_BYTES} bytes"
            raise AdminError(413, "Content Too Large", expected) from None
        if refusal.problem_id == "encoded-body":
            expected = f"found an encoded body, {refusal.facts['found']}; expected it as it is"
            raise AdminError(415, "Unsupported Media Type", expected) from None
        raise bad_request(str(refusal.facts["reason"])) from None
