"""Who may speak to the server: known Host names, and no other web site.

Every route is guarded against DNS rebinding: a page on the web can make a browser resolve its own
name to 127.0.0.1, and only the Host header tells. The provider's routes answer cross-origin reads,
as the provider does and its browser sample needs; they still ask for a key. The admin routes never do.
"""

import hmac
import re

from flask import Flask, Request, Response, request

from nebula_mock.core.refusal import RefusalError
from nebula_mock.http.answers import admin_problem
from nebula_mock.settings import Settings

ADMIN_PREFIX = "/_mock"
ADMIN_TOKEN_HEADER = "X-Nebula-Admin-Token"  # noqa: S105 - the name of a header, not a secret

_PREFLIGHT_METHODS = "GET, POST, OPTIONS"
_PREFLIGHT_HEADERS = "Authorization, Content-Type, Idempotency-Key, X-Nebula-Scenario"
_EXPOSED_HEADERS = "X-Oneapi-Request-Id, X-Nebula-Mock, Content-Length, Retry-After"
_PREFLIGHT_AGE_S = "600"
# A name or a bracketed IPv6 address, and perhaps a port; anything behind that is no Host (RFC 9112, 3.2).
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]@/\s]+)(?::[0-9]{1,5})?")
_SAFE_METHODS = frozenset({"GET", "HEAD"})


def install_guards(app: Flask, settings: Settings) -> None:
    """Check every request before it is routed, and add the cross-origin headers after."""
    hosts = settings.host_names

    @app.before_request
    def guard() -> Response | None:
        if (refused := refused_host(request, hosts)) is not None:
            return refused
        if request.path.startswith(ADMIN_PREFIX):
            if not settings.admin:
                raise RefusalError("unknown-route", method=request.method, path=request.path)
            return refused_admin(request, settings.admin_token)
        return preflight_answer(request)

    @app.after_request
    def allow_other_origins(response: Response) -> Response:
        if "Origin" in request.headers and not request.path.startswith(ADMIN_PREFIX):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
        return response


def refused_host(asked: Request, hosts: frozenset[str]) -> Response | None:
    """A 400 without a Host header, a 421 when it names nobody we are, else None."""
    host = asked.headers.get("Host", "")
    if not host:
        return admin_problem(400, "Bad Request", "found no Host header, which HTTP/1.1 requires")
    match = _HOST.fullmatch(host)
    if match is not None and match[1].lower() in hosts:
        return None
    shown = host if match is None else match[1]
    return admin_problem(
        421,
        "Misdirected Request",
        f"found Host {shown[:100]!r}, expected one of {', '.join(sorted(hosts))}. "
        "If this name is yours, start the server with --allow-host NAME.",
    )


def refused_admin(asked: Request, token: str | None) -> Response | None:
    """A 401, 403 or 415 when an admin request may not pass, else None.

    A browser always says where a request comes from; a page of another origin gets nothing. What
    changes state must be sent as JSON, which no plain HTML form can do.
    """
    origin = asked.headers.get("Origin")
    if origin is not None and origin != asked.host_url.rstrip("/"):
        return admin_problem(403, "Forbidden", "the admin API is closed to pages of other origins")
    if asked.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return admin_problem(403, "Forbidden", "the admin API is closed to pages of other sites")
    if token is not None:
        given = asked.headers.get(ADMIN_TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return admin_problem(401, "Unauthorized", f"send the admin token in {ADMIN_TOKEN_HEADER}")
    if asked.method not in _SAFE_METHODS and asked.mimetype != "application/json":
        return admin_problem(415, "Unsupported Media Type", "send Content-Type: application/json")
    return None


def preflight_answer(asked: Request) -> Response | None:
    """The answer to a CORS preflight of a provider route, else None."""
    if asked.method != "OPTIONS" or "Access-Control-Request-Method" not in asked.headers:
        return None
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Access-Control-Allow-Methods"] = _PREFLIGHT_METHODS
    response.headers["Access-Control-Allow-Headers"] = _PREFLIGHT_HEADERS
    response.headers["Access-Control-Max-Age"] = _PREFLIGHT_AGE_S
    return response
