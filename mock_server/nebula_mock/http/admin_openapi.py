"""The OpenAPI document of the server, in its own dialect or in the one that is asked for."""

import functools

from flask import Blueprint, Response, request

from nebula_mock.core.reply import JSON_PLAIN
from nebula_mock.http.answers import admin_problem, encoded
from nebula_mock.http.guards import ADMIN_PREFIX
from nebula_mock.provider import Provider
from nebula_schemas.catalogue import DIALECTS, Dialect


def admin_openapi(provider: Provider) -> Blueprint:
    """The route of ``/_mock/openapi.json``."""
    routes = Blueprint("admin_openapi", __name__, url_prefix=ADMIN_PREFIX)

    @functools.cache
    def document(dialect: Dialect) -> bytes:
        # When it is first asked for: jsonschema would add a tenth of a second to every start.
        from nebula_schemas.loader import Contract
        from nebula_schemas.openapi import openapi_document

        return encoded(openapi_document(Contract(provider.catalogue), dialect))

    @routes.get("/openapi.json", provide_automatic_options=False)
    def openapi() -> Response:
        asked = request.args.get("dialect", provider.dialect)
        for dialect in DIALECTS:
            if dialect == asked:
                return Response(document(dialect), content_type=JSON_PLAIN)
        expected = " or ".join(DIALECTS)
        return admin_problem(400, "Bad Request", f"dialect: found {asked[:100]!r}, expected {expected}")

    return routes
