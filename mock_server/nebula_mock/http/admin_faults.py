"""Fault scripts over the admin API: given, looked at, taken back; and whether all of them were met."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from nebula_mock.core.scripts import Script, ScriptsError
from nebula_mock.core.scripts_met import Met
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_bodies import (
    AdminError,
    account_asked,
    admin_json,
    bad_request,
    refuse_unknown_parameters,
)
from nebula_mock.provider import Provider
from nebula_mock.script_reading import ScriptError, script_in


def admin_faults(provider: Provider) -> Blueprint:
    """The routes of ``/_mock/faults``; ``?account=KEY`` for one account's."""
    desk = _Desk(provider)
    return admin_blueprint(
        "admin_faults",
        ("POST", "/faults", desk.add),
        ("GET", "/faults", desk.see_all),
        ("GET", "/faults/<script_id>", desk.see),
        ("DELETE", "/faults/<script_id>", desk.remove),
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where scripts are given and looked at; one method a verb."""

    provider: Provider

    def add(self) -> Response:
        """A new script, which waits for requests from now on."""
        refuse_unknown_parameters(request, "account")
        try:
            match, steps, told = script_in(admin_json(request), account_asked(request))
            script = self.provider.scripts.add(match, steps, told)
        except ScriptError as error:
            raise bad_request("; ".join(str(error).splitlines())) from error
        except ScriptsError as error:
            raise AdminError(409, "Conflict", str(error)) from error
        return admin_answer(script_as_json(script), 201)

    def see_all(self) -> Response:
        """Every script, and whether all is as it was scripted."""
        refuse_unknown_parameters(request, "account")
        account, scripts = account_asked(request), self.provider.scripts
        met = Met(scripts.of(account), scripts.unscripted(account))
        return admin_answer(
            {
                "scripts": [script_as_json(one) for one in met.scripts],
                "unscripted": dict(met.unscripted),
                "verified": met.verified,
                "detail": met.in_words(),
            }
        )

    def see(self, script_id: str) -> Response:
        """One script, and how far it is."""
        return admin_answer(script_as_json(_known(self.provider.scripts.get(script_id), script_id)))

    def remove(self, script_id: str) -> Response:
        """One script less; as it was."""
        return admin_answer(script_as_json(_known(self.provider.scripts.remove(script_id), script_id)))


def script_as_json(script: Script) -> dict[str, Any]:
    """A script as ``admin/fault-script-state`` has it."""
    return {
        "id": script.id,
        **script.told,
        "steps": [step.told for step in script.steps],
        "completed": script.completed,
        "left": len(script.left),
        "fired": [{"step": one.step, "request_id": one.request_id, "did": one.did} for one in script.fired],
    }


def _known(script: Script | None, script_id: str) -> Script:
    if script is None:
        detail = f"found no fault script {script_id[:40]!r}; GET /_mock/faults lists those there are"
        raise AdminError(404, "Not Found", detail)
    return script
