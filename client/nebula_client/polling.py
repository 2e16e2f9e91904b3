"""When to ask next: a schedule as numbers, the waiting itself elsewhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nebula_client.errors import ConfigurationError
from nebula_client.settings import is_number

_NO_LESS_S = 0.0


@dataclass(frozen=True, slots=True)
class PollSchedule:
    """The pauses between polls. The first poll is sent at once. Numbers out of range are a ValueError.

    The provider asks for 3 to 5 s (DOC, all pages); the first pauses are shorter since a short task
    may be done, later ones grow since a long task will not be done any sooner for asking.

    Attributes:
        first_s: The first pause in seconds, above 0.
        growth: Each pause is this many times the one before, at least 1.
        longest_s: No pause is longer, before jitter.
        jitter: Each pause varies by up to this share either way, 0 to 1, so that many consumers
            do not ask at the same moment.
    """

    first_s: float = 2.0
    growth: float = 1.5
    longest_s: float = 15.0
    jitter: float = 0.2

    def __post_init__(self) -> None:
        """Refuse a schedule that would ask without pause or never.

        Raises:
            ConfigurationError: Which number, what was found, what was expected.
        """
        for name in self.__slots__:
            if not is_number(getattr(self, name)):
                message = f"{name}: found {getattr(self, name)!r}, expected a number."
                raise ConfigurationError(message)
        if not 0 < self.first_s <= self.longest_s < float("inf"):
            message = f"first_s, longest_s: found {self.first_s}, {self.longest_s}, expected 0 < first_s <= longest_s"
            raise ConfigurationError(message)
        if not (1 <= self.growth < float("inf") and 0 <= self.jitter <= 1):
            message = (
                f"growth, jitter: found {self.growth}, {self.jitter}, expected growth >= 1 and jitter 0 to 1"
            )
            raise ConfigurationError(message)

    def pauses(self, random: Callable[[], float]) -> Iterator[float]:
        """The pauses in seconds, without end; ``random`` gives numbers from 0 to 1."""
        pause = self.first_s
        while True:
            yield max(_NO_LESS_S, pause * (1 + self.jitter * (2 * random() - 1)))
            pause = min(pause * self.growth, self.longest_s)
