"""The scenario over the admin API: which is in force, what it did, and another one; everyone's or one account's."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

from nebula_mock.core.plays import Chosen
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_bodies import account_asked, admin_json, admin_valid, bad_request
from nebula_mock.presets import UnknownPresetError, preset
from nebula_mock.provider import Provider
from nebula_mock.scenario_files import ScenarioError, scenario_in


def admin_scenario(provider: Provider) -> Blueprint:
    """The routes of ``/_mock/scenario``; ``?account=KEY`` for one account's."""
    desk = _Desk(provider)
    return admin_blueprint(
        "admin_scenario",
        ("GET", "/scenario", desk.see),
        ("PUT", "/scenario", desk.choose),
        ("DELETE", "/scenario", desk.give_up),
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where scenarios are seen and chosen; one method a verb."""

    provider: Provider

    def see(self) -> Response:
        """The scenario in force, how often each of its rules fired, and why a newer version is not used."""
        account = account_asked(request)
        plays = self.provider.plays
        play = plays.in_force(account)
        is_own = account is not None and plays.has_own(account)
        body = {
            "name": play.scenario.name,
            "of": "account" if is_own else "server",
            "scenario": play.scenario.told or {"description": play.scenario.description},
            "fired": play.fired(account),
            "problem": plays.problem(account),
        }
        return admin_answer(body)

    def choose(self) -> Response:
        """Another scenario from now on; its counters begin at nothing."""
        account = account_asked(request)
        body = admin_json(request)
        try:
            if "preset" in body:
                scenario = preset(admin_valid(body, "admin/scenario-preset")["preset"])
            else:
                scenario = scenario_in(body, "body")
        except UnknownPresetError as error:
            raise bad_request(f"$.preset: {error}") from error
        except ScenarioError as error:
            raise bad_request("; ".join(str(error).splitlines())) from error
        self.provider.plays.choose(Chosen(scenario), account)
        return self.see()

    def give_up(self) -> Response:
        """The scenario that the server was started with; for an account, the server's."""
        self.provider.plays.give_up(account_asked(request))
        return self.see()
