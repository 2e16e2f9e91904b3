"""The header ``X-Nebula-Scenario``: a preset for one request alone, whatever else is in force.

What a request asks for is kept on that request's own object, so it can reach no other.
"""

from flask import Flask, Response, g, request

from nebula_mock.core.scenario import Scenario
from nebula_mock.http.answers import admin_problem
from nebula_mock.http.guards import ADMIN_PREFIX
from nebula_mock.presets import UnknownPresetError, preset

SCENARIO_HEADER = "X-Nebula-Scenario"


def install_asked_scenario(app: Flask) -> None:
    """Read the header of every request to the provider; a name that no preset has is answered with 400."""

    @app.before_request
    def read_header() -> Response | None:
        name = request.headers.get(SCENARIO_HEADER)
        if name is None or request.path.startswith(ADMIN_PREFIX):
            return None
        try:
            g.asked_scenario = preset(name)
        except UnknownPresetError as error:
            return admin_problem(400, "Bad Request", f"{SCENARIO_HEADER}: {error}")
        g.dialect = g.asked_scenario.dialect or g.dialect
        return None


def asked_scenario() -> Scenario | None:
    """The scenario that the current request asks for; None for that of its account."""
    asked: Scenario | None = g.get("asked_scenario")
    return asked
