"""Seconds on the width of a picture, and seconds in words.

Widths are per cent of the picture's, so that it grows and shrinks with the page while its texts do not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from nebula_contract.drift.observation import Span

_HEADROOM = 1.35  # room for the word of a trace's last status
_MINUTES_FROM_S = 120


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to ``most`` seconds over the whole width; what is longer ends at its edge.

    Attributes:
        most: More than 0.
    """

    most: float

    def at(self, seconds: float) -> float:
        """Per cent of the width."""
        return round(100 * min(max(seconds, 0.0), self.most) / self.most, 3)

    def cuts(self, seconds: float) -> bool:
        """Whether that is beyond the edge."""
        return seconds > self.most


def scale_of(live: Iterable[Span], mock: Iterable[Span]) -> Scale:
    """One for both: all of the live spans, and the middle of the mock's, whose longest are slow on purpose."""
    ends = [*(one.most for one in live), *(one.middle for one in mock)]
    return Scale(max(ends, default=0.0) * _HEADROOM or 1.0)


def seconds_told(seconds: float) -> str:
    """``4 ms``, ``5.0 s``, ``2 min 5 s``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds else "0 s"
    if seconds < _MINUTES_FROM_S:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
