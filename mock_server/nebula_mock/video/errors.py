"""What can be wrong with a request for a film, or with the bits it is made from.

``VideoError`` is the base; below it one class per thing a caller would handle differently. All are
``ValueError``: nothing here depends on a network or a disk that may be better tomorrow.
"""

from collections.abc import Sequence


class VideoError(ValueError):
    """Base of every error of the video room."""


class BitstreamError(VideoError):
    """Bytes that were to be read as H.264 end too early or say what cannot be."""


class FilmError(VideoError):
    """A number asked of a film is outside its limits.

    Attributes:
        name: The field, with its unit, such as ``duration_s``.
        value: What was found.
    """

    def __init__(self, name: str, value: object, expected: str) -> None:
        """State the field, what was found, and ``expected`` as a phrase that completes the sentence."""
        self.name = name
        self.value = value
        self.expected = expected
        super().__init__(f"{name}: found {value!r}, expected {expected}.")


class FrameSizeError(VideoError):
    """No committed loop can be shown at the frame size asked for.

    Attributes:
        width: As asked, in pixels.
        height: As asked, in pixels.
        largest: The largest canvases there are, as (width, height): a size must fit into one of them.
    """

    def __init__(self, width: int, height: int, largest: Sequence[tuple[int, int]]) -> None:
        """State the size asked for and what is possible; the reason follows from the three."""
        self.width = width
        self.height = height
        self.largest = tuple(largest)
        canvases = ", ".join(f"{w}x{h}" for w, h in self.largest)
        super().__init__(
            f"Frame size {width}x{height}: {self.reason}. "
            f"Possible is every even width and height that fits into one of {canvases}. {self.remedy}"
        )

    @property
    def reason(self) -> str:
        """What is wrong, as half a sentence."""
        for side, value in (("width", self.width), ("height", self.height)):
            if value <= 0:
                return f"found {side} {value}, expected a positive even number of pixels"
            if value % 2:
                return f"found {side} {value}, which is odd; 4:2:0 chroma needs an even number of pixels"
        return "no committed loop is that large"

    @property
    def remedy(self) -> str:
        """What to do next, as a sentence."""
        up = max(2, self.width + self.width % 2), max(2, self.height + self.height % 2)
        down = max(2, self.width - self.width % 2), max(2, self.height - self.height % 2)
        for width, height in (up, down):
            if any(width <= w and height <= h for w, h in self.largest):
                return f"Ask for {width}x{height} instead."
        return f"For more, render a canvas: python scripts/render_loops.py {up[0]}x{up[1]}"
