"""Reset over the admin API: everything, or a part of it, as at the start; for everyone or for one account."""

from flask import Blueprint, Response, request

from nebula_mock.core.account import account_of
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_bodies import (
    account_asked,
    admin_object,
    bad_request,
    refuse_unknown_parameters,
)
from nebula_mock.journal import Journal
from nebula_mock.provider import Provider
from nebula_mock.reset_scopes import reset_scope


def admin_reset(provider: Provider, journal: Journal) -> Blueprint:
    """The route ``POST /_mock/reset``; the account is that of ``?account=KEY`` or of the body."""

    def reset() -> Response:
        refuse_unknown_parameters(request, "account")
        wanted = admin_object(request, "admin/reset")
        account = account_asked(request)
        if "account" in wanted:
            named = account_of(wanted["account"])
            if account not in (None, named):
                raise bad_request(
                    "account: found one in the query string and another in the body, expected one of them"
                )
            account = named
        done = reset_scope(provider, journal, wanted["scope"], account)
        body = {"scope": wanted["scope"], "account": account, "reset": done}
        return admin_answer(body)

    return admin_blueprint("admin_reset", ("POST", "/reset", reset))
