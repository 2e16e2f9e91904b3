"""Films: what to show, for whom, and how many bytes long; read in any range without being held as a whole.

A film is a few runs, each a short unit repeated and cut to length: the boxes, the frames of the loop over and
over, and, when a size was asked for, a ``free`` box of noise. The noise is drawn from the identity, so that
two films never share their bytes and a block lost on the way shows in a digest.

Rules:
- Same spec, identity and size: the same bytes, always and everywhere.
- Another identity: other bytes, even where there is no noise, since the identity is written into the boxes.
- The length is known before any byte is produced.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import ClassVar

from nebula_mock.video.errors import FilmError
from nebula_mock.video.loops import covering_canvas, loop_for
from nebula_mock.video.mp4 import BOX_HEADER_BYTES, Track, box_header, head
from nebula_mock.video.sps import level_for, rewritten_sps

MIN_FPS, MAX_FPS = 1, 240
"""Frames a second."""

MIN_DURATION_S, MAX_DURATION_S = 1, 60
"""Whole seconds."""

MAX_FILM_BYTES = 256 * 1024 * 1024
"""The largest file that can be asked for: 256 MiB."""

BLOCK_BYTES = 48 * 1024
"""Bytes handed out at a time, at most: a multiple of 3, so that base64 keeps its groups."""

FILLER_UNIT_BYTES = 49_149
"""Length of the noise before it repeats: 3 less than a block, so that neighbouring blocks always differ."""

_FREE = b"free"


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """What a film shows, checked when it is made.

    Attributes:
        width: Pixels, even, covered by a committed loop.
        height: Pixels, even, covered by a committed loop.
        fps: Frames a second, 1 to 240.
        duration_s: Whole seconds, 1 to 60.

    Raises:
        FilmError: A value is not a whole number or outside its limits.
        FrameSizeError: The frame size is not possible; the message says what is.
    """

    width: int
    height: int
    fps: int
    duration_s: int

    def __post_init__(self) -> None:
        """Check every field."""
        _check_whole("width", self.width, "pixels")
        _check_whole("height", self.height, "pixels")
        _check_whole("fps", self.fps, "frames a second", MIN_FPS, MAX_FPS)
        _check_whole("duration_s", self.duration_s, "seconds", MIN_DURATION_S, MAX_DURATION_S)
        covering_canvas(self.width, self.height)

    @property
    def frames(self) -> int:
        """Frames in the film."""
        return self.fps * self.duration_s


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a file: ``unit`` over and over, cut at ``length`` bytes.

    Attributes:
        unit: At least one byte, unless the length is 0.
        length: Bytes, 0 or more.
    """

    unit: bytes
    length: int

    def read(self, start: int, stop: int, block: int) -> Iterator[memoryview]:
        """Bytes ``start`` to ``stop`` in blocks of exactly ``block`` bytes, but for the last.

        A block runs on across the seam where the unit begins anew: for that, the unit is laid out until a
        whole block fits behind any of its bytes. That takes the memory of two units and a block at most.
        """
        if start >= stop:
            return
        period, longest = len(self.unit), min(block, stop - start)
        copies = 1 if start % period + stop - start <= period else 1 + -(-longest // period)
        view = memoryview(self.unit * copies)
        while start < stop:
            at = start % period
            piece = view[at : at + min(block, stop - start)]
            start += len(piece)
            yield piece


@dataclass(frozen=True, slots=True)
class Film:
    """An MP4 file made for one identity.

    Attributes:
        spec: What it shows.
        identity: A task id, or any text that UTF-8 can encode. It is the file's comment and the seed of its
            noise.
        size_bytes: The exact size of the file, at most 256 MiB; None for the natural size. A size below the
            natural one gives the natural size, since a film cannot be made smaller.
        length: The size of the file in bytes.

    Raises:
        FilmError: The size is negative or above 256 MiB, or the identity holds a lone surrogate.
    """

    media_type: ClassVar[str] = "video/mp4"

    spec: FilmSpec
    identity: str
    size_bytes: int | None = None
    length: int = field(init=False, repr=False, compare=False)
    _runs: tuple[Run, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the fields and lay out the file; no frame and no noise is copied."""
        if self.size_bytes is not None:
            _check_whole("size_bytes", self.size_bytes, "bytes", 0, MAX_FILM_BYTES)
        runs = _laid_out(self.spec, self.identity, self.size_bytes or 0)
        object.__setattr__(self, "_runs", runs)
        object.__setattr__(self, "length", sum(run.length for run in runs))

    def read(self, start: int = 0, stop: int | None = None, block: int = BLOCK_BYTES) -> Iterator[memoryview]:
        """Bytes ``start`` to ``stop`` (excluded) of the file, in order, in constant memory.

        Args:
            start: 0 to ``length``.
            stop: ``start`` to ``length``; None for the end of the file.
            block: The most bytes to hand out at a time, 1 or more. Blocks are shorter where a part of the
                file ends, so do not count on their sizes.

        Returns:
            Read-only views, none empty; nothing is computed before they are asked for.

        Raises:
            FilmError: The range is not within the file. Raised at once, not on the first block.
        """
        end = self.length if stop is None else stop
        _check_whole("block", block, "bytes", 1)
        _check_whole("start", start, "bytes", 0, self.length)
        _check_whole("stop", end, "bytes", start, self.length)
        return self._blocks(start, end, block)

    def _blocks(self, start: int, stop: int, block: int) -> Iterator[memoryview]:
        for run in self._runs:
            yield from run.read(max(start, 0), min(stop, run.length), block)
            start, stop = start - run.length, stop - run.length


def _laid_out(spec: FilmSpec, identity: str, size_bytes: int) -> tuple[Run, ...]:
    """The runs of a file of ``size_bytes``, or of its natural size when that is larger."""
    try:
        identity.encode()
    except UnicodeEncodeError as error:
        expected = "text without lone surrogates, which UTF-8 cannot encode"
        raise FilmError(name="identity", value=identity, expected=expected) from error
    loop = loop_for(spec.width, spec.height)
    level_idc = level_for(*loop.canvas, spec.fps)
    sps = rewritten_sps(loop.sps, loop.width, loop.height, level_idc)
    track = Track(loop, sps, spec.fps, spec.duration_s)
    start = head(track, identity)
    media = Run(loop.samples, track.media_bytes)
    missing = max(0, size_bytes - len(start) - media.length)
    if missing < BOX_HEADER_BYTES:  # too little for a box of its own: the first free box takes it
        start = head(track, identity, padding=missing)
        return Run(start, len(start)), media
    header = box_header(_FREE, missing - BOX_HEADER_BYTES)
    noise = Run(_noise(identity), missing - BOX_HEADER_BYTES)
    return Run(start, len(start)), media, Run(header, len(header)), noise


def _noise(identity: str) -> bytes:
    """One unit of the filler, the same for the same identity on every machine."""
    return hashlib.shake_256(identity.encode()).digest(FILLER_UNIT_BYTES)


def _check_whole(name: str, value: object, unit: str, low: float = -inf, high: float = inf) -> None:
    """Refuse what is not an int (True and 4.0 are not) or lies outside ``low`` to ``high``."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return
    limits = "" if low == -inf else f" of {low} or more" if high == inf else f" from {low} to {high}"
    raise FilmError(name, value, f"a whole number of {unit}{limits}")
