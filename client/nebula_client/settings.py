"""How long one request may take, how slow it may be and how much it may answer; all as numbers."""

import math
from dataclasses import dataclass

from nebula_client.errors import ConfigurationError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one request may take, in seconds above 0. What a wait may take in all is the wait's own affair.

    A number that is not finite or not in its range is a ValueError.

    Attributes:
        connect_s: Until the connection stands, name lookup left out.
        poll_read_s: Between two pieces of a query's answer.
        submit_read_s: Between two pieces of a submit's answer.
        download_read_s: Between two pieces of a download; the provider fetches it from its upstream first.
        poll_total_s: A query as a whole.
        submit_total_s: A submit as a whole.
        download_total_s: A download as a whole.
        least_rate: Bytes a second below which a download is given up, over ``rate_window_s``; 0 for none.
        rate_window_s: The seconds over which the rate is taken.
    """

    connect_s: float = 5.0
    poll_read_s: float = 30.0
    submit_read_s: float = 60.0
    download_read_s: float = 60.0
    poll_total_s: float = 30.0
    submit_total_s: float = 120.0
    download_total_s: float = 3600.0
    least_rate: float = 1024.0
    rate_window_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what would wait for ever or never.

        Raises:
            ConfigurationError: Which number, what was found, what was expected.
        """
        for name in self.__slots__:
            value = getattr(self, name)
            if not is_number(value) or not 0 <= value < math.inf or (value == 0 and name != "least_rate"):
                message = f"{name}: found {value!r}, expected a finite number of seconds above 0."
                raise ConfigurationError(message)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an answer may hold, in bytes above 0. One that holds more is given up where it does.

    Attributes:
        error_bytes: Of an answer that is no success; the rest of it is not read.
        submit_bytes: Of the answer to a submit, which is held in memory.
        query_bytes: Of the answer to a query, inline videos included; what is not a video may take 1 MiB of it.
        download_bytes: Of the JSON of a download, and of the file behind a result URL.
    """

    error_bytes: int = 64 * 1024
    submit_bytes: int = MIB
    query_bytes: int = 1024 * MIB
    download_bytes: int = 1024 * MIB

    def __post_init__(self) -> None:
        """Refuse what no answer could keep to.

        Raises:
            ConfigurationError: Which number, what was found, what was expected.
        """
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
                message = f"{name}: found {value!r}, expected a whole number of bytes above 0."
                raise ConfigurationError(message)


def is_number(value: object) -> bool:
    """Whether it is a number, which True is not here."""
    return isinstance(value, int | float) and not isinstance(value, bool)
