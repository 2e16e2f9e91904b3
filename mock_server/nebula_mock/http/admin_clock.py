"""The clocks over the admin API: seen, changed, advanced; the server's, or one account's own."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, request

from nebula_mock.core.clock import Clock, ClockError
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_bodies import AdminError, account_asked, admin_object, bad_request
from nebula_mock.provider import Provider


def admin_clock(provider: Provider) -> Blueprint:
    """The routes of ``/_mock/clock``; ``?account=KEY`` for one account's."""
    keeper = _Keeper(provider)
    return admin_blueprint(
        "admin_clock",
        ("GET", "/clock", keeper.see),
        ("PATCH", "/clock", keeper.change),
        ("DELETE", "/clock", keeper.share),
        ("POST", "/clock/advance", keeper.advance),
    )


def clock_as_json(clock: Clock) -> dict[str, Any]:
    """Mode, time in seconds since the epoch, and speed while it runs."""
    return {"mode": clock.mode, "now": clock.now(), "speed": clock.speed}


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Who keeps the clocks; one method a verb."""

    provider: Provider

    def see(self) -> Response:
        """The clock that the account, or everyone, lives by."""
        account = account_asked(request)
        clocks = self.provider.clocks
        return admin_answer(clock_as_json(clocks.shared if account is None else clocks.of(account)))

    def change(self) -> Response:
        """Another mode or speed from now on; an account gets a clock of its own by it."""
        wanted = admin_object(request, "admin/clock-change")
        account = account_asked(request)
        clock = self.provider.clock if account is None else self.provider.clocks.give(account)
        if wanted["mode"] == "manual":
            clock.stand_still()
        else:
            clock.run(wanted.get("speed", 1.0))
        return self.see()

    def share(self) -> Response:
        """The server's clock again, for an account that has one of its own."""
        account = account_asked(request)
        if account is None:
            raise bad_request("account: expected ?account=KEY; the server's own clock stays")
        try:
            self.provider.clocks.take_back(account)
        except ClockError as error:
            raise AdminError(409, "Conflict", str(error)) from error
        return self.see()

    def advance(self) -> Response:
        """A step forward, and which tasks it changed."""
        account = account_asked(request)
        clock = self.provider.clock if account is None else self.provider.clocks.of(account)
        if clock.mode != "manual":
            way_out = 'start the server with --clock manual, or PATCH /_mock/clock {"mode": "manual"} first'
            raise AdminError(409, "Conflict", f"the clock is {clock.mode}; to advance it {way_out}")
        if account is not None and not self.provider.clocks.has_own(account):
            way_out = 'PATCH /_mock/clock?account=KEY {"mode": "manual"} gives it one'
            raise AdminError(409, "Conflict", f"the account lives by the server's clock; {way_out}")
        seconds = admin_object(request, "admin/clock-advance")["seconds"]
        try:
            changed = self.provider.advance(seconds, account)
        except ClockError as error:
            raise bad_request(f"$.seconds: {error}") from error
        return admin_answer({**clock_as_json(clock), "changed": [asdict(one) for one in changed]})
