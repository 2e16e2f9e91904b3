"""Which clock an account lives by: the server's, or one of its own."""

import threading
from collections.abc import Callable

from nebula_mock.core.clock import Clock, ClockError


class Clocks:
    """The clock of the server, and those that accounts have to themselves.

    Attributes:
        shared: The server's.
    """

    def __init__(self, shared: Clock) -> None:
        """Everyone lives by ``shared``."""
        self.shared = shared
        self._own: dict[str, Clock] = {}
        self._lock = threading.Lock()

    def of(self, account: str) -> Clock:
        """The clock that the account lives by."""
        return self._own.get(account, self.shared)

    def has_own(self, account: str) -> bool:
        """Whether it is one of its own."""
        return account in self._own

    def give(self, account: str) -> Clock:
        """A clock of its own from now on; it starts as the shared one is. The one it has, if it has one."""
        with self._lock:
            if account not in self._own:
                self._own[account] = self.shared.another()
            return self._own[account]

    def beginning(self, account: str | None = None) -> Callable[[str], float]:
        """What every account's clock reads at this moment, by account; seconds since the epoch.

        Where nobody but one ``account`` will ever be asked for, its clock alone is read and remembered.
        """
        if account is not None:
            now = self.of(account).now()
            return lambda _: now
        with self._lock:
            shared = self.shared.now()
            own = {account: clock.now() for account, clock in self._own.items()}
        return lambda account: own.get(account, shared)

    def take_back(self, account: str) -> None:
        """The shared clock again.

        Raises:
            ClockError: It is behind the account's own; time would run back.
        """
        with self._lock:
            own = self._own.get(account)
            if own is None:
                return
            behind_s = own.now() - self.shared.now()
            if behind_s > 0:
                message = (
                    f"the shared clock is {behind_s:.3f} s behind the account's own, and clocks never run "
                    "back; advance the shared one first"
                )
                raise ClockError(message)
            del self._own[account]
        own.retire()

    def start_over(self, account: str | None = None) -> None:
        """Every clock as at the start: the server's as it was started, and no account has one of its own.

        For one account: the server's clock again, also where time falls by it. Whoever waits on a clock that
        this changes is interrupted.
        """
        with self._lock:
            owners = list(self._own) if account is None else [account]
            gone = [clock for whose in owners if (clock := self._own.pop(whose, None)) is not None]
            if account is None:
                self.shared.restart()
        for clock in gone:
            clock.retire()

    def interrupt(self) -> None:
        """End every wait that is going on, on any of them."""
        with self._lock:
            clocks = (self.shared, *self._own.values())
        for clock in clocks:
            clock.interrupt()
