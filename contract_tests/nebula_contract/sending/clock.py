"""The target's clock: how late it is there, and how time passes.

At a mock whose admin API answers, each account of the run gets a manual clock of its own, so that ten minutes cost
nothing and nobody else of that mock is disturbed. Anywhere else time passes on the wall.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Admin = Callable[[str, str, Mapping[str, Any] | None], int]
"""One request to the admin API: method, path behind ``/_mock``, JSON body; gives the status, 0 for no answer."""

_OK, _CONFLICT = 200, 409


class ClockLostError(Exception):
    """The clock of the mock cannot be moved any more; the message says why."""


class TargetClock(Protocol):
    """How time passes at a target.

    Attributes:
        is_free: Whether time costs nothing, so that a day may pass.
        shortest_s: The shortest pause between two polls that is of use, in seconds of the target's clock.
        began_at: What the target's own clock said when the run began, in seconds since 1970, where it tells the run;
            None elsewhere.
    """

    is_free: bool
    shortest_s: float
    began_at: float | None

    def now_s(self) -> float:
        """Seconds since the run began."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Let that many seconds pass, from 0."""
        ...

    def close(self) -> None:
        """Leave the target as it was."""
        ...


@dataclass(slots=True)
class WallClock:
    """Time on the wall, as at any server.

    Attributes:
        shortest_s: The shortest pause of use: 3 s, as the provider asks for (DOC), at a mock 1 s.
        sleep: Waits.
        monotonic: Seconds that never fall.
    """

    shortest_s: float
    sleep: Callable[[float], object] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    is_free: bool = field(default=False, init=False)
    began_at: float | None = field(default=None, init=False)
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin now."""
        self._began = self.monotonic()

    def now_s(self) -> float:
        """Seconds since it was made."""
        return self.monotonic() - self._began

    def pass_time(self, seconds: float) -> None:
        """Wait."""
        if seconds > 0:
            self.sleep(seconds)

    def close(self) -> None:
        """The wall stays."""


class AccountClocks:
    """A manual clock for each account of the run, moved together by a mock's admin API."""

    is_free = True
    shortest_s = 0.0

    def __init__(self, admin: Admin, accounts: tuple[str, ...], began_at: float | None = None) -> None:
        """Move the clocks of ``accounts``, as ``given_clocks`` found that they can be; they stand at ``began_at``."""
        self.began_at = began_at
        self._admin = admin
        self._accounts = accounts
        self._now_s = 0.0

    def now_s(self) -> float:
        """Seconds passed since the run began; exact, since nothing else moves these clocks."""
        return self._now_s

    def pass_time(self, seconds: float) -> None:
        """Move every clock.

        Raises:
            ClockLostError: The mock did not do it.
        """
        if seconds <= 0:
            return
        for key in self._accounts:
            status = self._admin("POST", f"/clock/advance?account={key}", {"seconds": seconds})
            if status != _OK:
                told = f"HTTP {status}" if status else "no answer"
                raise ClockLostError(f"the mock did not advance an account's clock: {told}")
        self._now_s += seconds

    def close(self) -> None:
        """The accounts live by the server's clock again."""
        for key in self._accounts:
            if self._admin("DELETE", f"/clock?account={key}", None) == _CONFLICT:
                # The server's clock is behind theirs; only a reset lets an account's time fall.
                self._admin("POST", f"/reset?account={key}", {"scope": "clock"})


class OwnClock(AccountClocks):
    """The clock of a mock of our own: nobody else lives by it, so one request moves it for every account."""

    def __init__(self, admin: Admin, began_at: float | None = None) -> None:
        """Move a clock that already stands still, at ``began_at``."""
        super().__init__(admin, (), began_at)

    def pass_time(self, seconds: float) -> None:
        """Move the clock.

        Raises:
            ClockLostError: The mock did not do it.
        """
        if seconds <= 0:
            return
        status = self._admin("POST", "/clock/advance", {"seconds": seconds})
        if status != _OK:
            raise ClockLostError(f"the mock did not advance its clock: HTTP {status}")
        self._now_s += seconds


def given_clocks(
    admin: Admin, accounts: tuple[str, ...], told: Callable[[str], float | None] = lambda _: None
) -> AccountClocks | None:
    """A manual clock for each account that the mock lets have one; None when the first is not among them.

    ``told`` gives what the clock of an account says.
    """
    manual = {"mode": "manual"}
    given = [key for key in accounts if admin("PATCH", f"/clock?account={key}", manual) == _OK]
    if given[:1] != list(accounts[:1]):
        return None
    # Where one of them lives by the server's clock, what another's says is no word for all.
    began_at = told(given[0]) if len(given) == len(accounts) else None
    return AccountClocks(admin, tuple(given), began_at)
