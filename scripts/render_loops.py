"""Render the looping test cards that the mock's video room serves.

Each loop is one closed GOP of 24 frames (one IDR picture, then P pictures) of a quiet test card: colour
bars, a dark panel with a clock whose hand turns once, and a bar that travels once along its track. The
last frame leads back into the first, so the provider can repeat a loop for as long as a film lasts.

    python scripts/render_loops.py                   render every size of ``CANVASES``
    python scripts/render_loops.py 640x640 832x480   render these sizes, listed or not
    python scripts/render_loops.py --check           render to memory and compare with the committed files

Needs PyAV with libx264 (a development dependency, never needed at run time). The same PyAV release gives
the same bytes on every run; another release may encode the same picture differently, which is harmless.
"""

import argparse
import math
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
from av.video.codeccontext import VideoCodecContext

ASSETS = Path(__file__).resolve().parent.parent / "mock_server" / "nebula_mock" / "video" / "assets"

# fmt: off
CANVASES = (
    # Sora 2 and Veo: 720p, the wide and tall pro sizes, 1080p.
    (1280, 720), (720, 1280), (1792, 1024), (1024, 1792), (1920, 1080), (1080, 1920),
    # Wan: 480p, 720p and 1080p classes.
    (832, 480), (480, 832), (624, 624), (960, 960), (1088, 832), (832, 1088), (1440, 1440),
    (1632, 1248), (1248, 1632),
    # Seedance: 480p, 720p and 1080p classes.
    (864, 480), (480, 864), (736, 544), (544, 736), (640, 640), (960, 416), (1248, 704),
    (704, 1248), (1120, 832), (832, 1120), (1504, 640), (1920, 1088), (1088, 1920), (1664, 1248),
    (1248, 1664), (2176, 928),
    # Later Seedance sizes, in whole macroblocks: those that are not (1112x834) are cropped from these.
    (864, 496), (496, 864), (752, 560), (560, 752), (992, 432), (1120, 848), (848, 1120),
    (1472, 640), (2208, 960),
    # Small canvases, so that a tiny film still shows the clock.
    (320, 320), (640, 368), (368, 640),
)
# fmt: on

LOOP_FRAMES = 24
RENDER_FPS = 24  # only steers rate control; the container sets the rate that is played
CHROMA_SCALE = 0.5  # yuv420p
SUBROWS = 4  # sample rows per pixel row, for smooth edges
EVEN_SIZE = re.compile(r"([1-9]\d*[02468]|[2468])x([1-9]\d*[02468]|[2468])")
NAL_SEI = 6
NAL_SLICES = (1, 5)

X264 = {
    "preset": "veryslow",
    "crf": "25",
    "x264-params": ":".join(
        (
            "threads=1:lookahead-threads=1:sliced-threads=0:slices=1:non-deterministic=0",
            f"keyint={LOOP_FRAMES}:min-keyint={LOOP_FRAMES}:scenecut=0:open-gop=0",
            "bframes=0:ref=1:weightp=0:cabac=1:aud=0:repeat-headers=1",
            "colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=off",
        )
    ),
}

Rgb = tuple[int, int, int]

BORDER_RGB = (0xD5, 0xDA, 0xE1)
FOOTER_RGB = (0x12, 0x16, 0x1D)
PANEL_RGB = (0x12, 0x16, 0x1D)
FACE_RGB = (0x1E, 0x26, 0x33)
RING_RGB = (0xD5, 0xDA, 0xE1)
TICK_RGB = (0x8A, 0x94, 0xA3)
TRACK_RGB = (0x2A, 0x33, 0x42)
MOVING_RGB = (0xF2, 0xB1, 0x34)
# White, yellow, cyan, green, magenta, red, blue: the usual order, muted so that the card stays quiet.
BARS_RGB = (
    (0xC4, 0xC6, 0xCA),
    (0xBD, 0xAA, 0x55),
    (0x58, 0xA3, 0xA8),
    (0x5A, 0x97, 0x66),
    (0x96, 0x62, 0x96),
    (0xA6, 0x50, 0x52),
    (0x41, 0x58, 0x96),
)


class Shape(Protocol):
    """A convex flat shape in luma samples, y downwards."""

    @property
    def rows(self) -> tuple[float, float]:
        """First and last y it touches."""

    def span(self, y: float) -> tuple[float, float] | None:
        """Left and right edge at ``y``, or None where it is absent."""


@dataclass(frozen=True, slots=True)
class Rect:
    """Sides parallel to the frame; even coordinates give edges that are sharp in chroma too."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def rows(self) -> tuple[float, float]:
        """First and last y it touches."""
        return self.top, self.bottom

    def span(self, y: float) -> tuple[float, float] | None:
        """Left and right edge at ``y``."""
        return (self.left, self.right) if self.top <= y < self.bottom else None


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled circle; a ring is a disc with a smaller one on top."""

    x: float
    y: float
    radius: float

    @property
    def rows(self) -> tuple[float, float]:
        """First and last y it touches."""
        return self.y - self.radius, self.y + self.radius

    def span(self, y: float) -> tuple[float, float] | None:
        """Left and right edge at ``y``."""
        square = self.radius**2 - (y - self.y) ** 2
        return (self.x - math.sqrt(square), self.x + math.sqrt(square)) if square > 0 else None


@dataclass(frozen=True, slots=True)
class Spoke:
    """A bar on a ray from ``(x, y)``; ``turn`` is a fraction of the full circle, 0 up and clockwise."""

    x: float
    y: float
    turn: float
    start: float
    end: float
    width: float

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """The four corners, in order around the shape."""
        dx, dy = math.sin(math.tau * self.turn), -math.cos(math.tau * self.turn)
        half, ends = self.width / 2, (self.start, self.end, self.end, self.start)
        return tuple(
            (self.x + along * dx - across * dy, self.y + along * dy + across * dx)
            for along, across in zip(ends, (-half, -half, half, half), strict=True)
        )

    @property
    def rows(self) -> tuple[float, float]:
        """First and last y it touches."""
        return min(y for _, y in self.corners), max(y for _, y in self.corners)

    def span(self, y: float) -> tuple[float, float] | None:
        """Left and right edge at ``y``."""
        corners = self.corners
        crossed = [
            x0 + (x1 - x0) * (y - y0) / (y1 - y0)
            for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True)
            if (y0 <= y) != (y1 <= y)
        ]
        return (min(crossed), max(crossed)) if crossed else None


@dataclass(frozen=True, slots=True)
class Plane:
    """One colour plane; ``scale`` is its samples per luma sample."""

    width: int
    height: int
    scale: float
    samples: bytearray

    def copy(self) -> "Plane":
        """The same plane with samples of its own."""
        return Plane(self.width, self.height, self.scale, bytearray(self.samples))

    def paint(self, shape: Shape, value: int) -> None:
        """Fill ``shape`` with ``value``, mixing by coverage along its edges."""
        top, bottom = (edge * self.scale for edge in shape.rows)
        for row in range(max(0, math.floor(top)), min(self.height, math.ceil(bottom))):
            found = (shape.span((row + (sub + 0.5) / SUBROWS) / self.scale) for sub in range(SUBROWS))
            spans = [(left * self.scale, right * self.scale) for left, right in filter(None, found)]
            if spans:
                self._paint_row(row, spans, value)

    def _paint_row(self, row: int, spans: Sequence[tuple[float, float]], value: int) -> None:
        start = row * self.width
        left, right = math.floor(min(a for a, _ in spans)), math.ceil(max(b for _, b in spans))
        full_left, full_right = math.ceil(max(a for a, _ in spans)), math.floor(min(b for _, b in spans))
        if len(spans) < SUBROWS or full_left >= full_right:
            full_left = full_right = right
        self.samples[start + full_left : start + full_right] = bytes((value,)) * (full_right - full_left)
        for x in (*range(left, full_left), *range(full_right, right)):
            covered = sum(max(0.0, min(b, x + 1) - max(a, x)) for a, b in spans) / SUBROWS
            under = self.samples[start + x]
            self.samples[start + x] = round(under + (value - under) * covered)


def ycbcr(rgb: Rgb) -> tuple[int, int, int]:
    """The 8-bit limited-range sample values of a colour. Source: ITU-R BT.709-6, items 3.2 to 3.4."""
    red, green, blue = (part / 255 for part in rgb)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        round(16 + 219 * luma),
        round(128 + 224 * (blue - luma) / 1.8556),
        round(128 + 224 * (red - luma) / 1.5748),
    )


def even(value: float) -> int:
    """The nearest even number, since chroma has half the resolution."""
    return 2 * round(value / 2)


@dataclass(frozen=True, slots=True)
class Card:
    """The geometry of the test card at one frame size, in luma samples."""

    width: int
    height: int

    @property
    def unit(self) -> int:
        """The shorter side, to which everything else is proportional."""
        return min(self.width, self.height)

    @property
    def border(self) -> int:
        """Thickness of the line around the frame."""
        return max(2, even(self.unit / 180))

    @property
    def footer_top(self) -> int:
        """Where the bars end and the strip with the travelling bar begins."""
        return self.height - self.border - even(self.unit * 0.13)

    @property
    def centre(self) -> tuple[int, int]:
        """Of panel and clock."""
        return even(self.width / 2), even((self.border + self.footer_top) / 2)

    @property
    def panel(self) -> int:
        """Half a side of the square panel."""
        return even(min(self.width, self.footer_top) * 0.30)

    def background(self) -> Iterator[tuple[Shape, Rgb]]:
        """What stays, from back to front."""
        yield Rect(0, 0, self.width, self.height), BORDER_RGB
        inner = self.width - 2 * self.border
        edges = [self.border + even(inner * i / len(BARS_RGB)) for i in range(len(BARS_RGB) + 1)]
        for left, right, rgb in zip(edges, edges[1:], BARS_RGB, strict=False):
            yield Rect(left, self.border, right, self.footer_top), rgb
        bottom = self.height - self.border
        yield Rect(self.border, self.footer_top, self.width - self.border, bottom), FOOTER_RGB
        yield self._track(0, 1), TRACK_RGB
        x, y = self.centre
        yield Rect(x - self.panel, y - self.panel, x + self.panel, y + self.panel), PANEL_RGB
        yield Disc(x, y, self.panel * 0.82), RING_RGB
        yield Disc(x, y, self.panel * 0.82 - self.border), FACE_RGB
        for hour in range(12):
            yield Spoke(x, y, hour / 12, self.panel * 0.66, self.panel * 0.74, self.border), TICK_RGB

    def moving(self, frame: int) -> Iterator[tuple[Shape, Rgb]]:
        """What is added for one frame, 0 to 23, from back to front."""
        x, y = self.centre
        yield Spoke(x, y, frame / LOOP_FRAMES, 0, self.panel * 0.60, 2 * self.border), MOVING_RGB
        yield Disc(x, y, self.panel * 0.07), MOVING_RGB
        length = LOOP_FRAMES // 6
        end = frame + length
        yield self._track(frame / LOOP_FRAMES, min(end, LOOP_FRAMES) / LOOP_FRAMES), MOVING_RGB
        if end > LOOP_FRAMES:  # what leaves on the right comes back on the left
            yield self._track(0, (end - LOOP_FRAMES) / LOOP_FRAMES), MOVING_RGB

    def _track(self, start: float, end: float) -> Rect:
        """A part of the track; its length is a multiple of 48, so that every step is an even number."""
        length = int(self.width * 0.86) // (2 * LOOP_FRAMES) * 2 * LOOP_FRAMES
        left = even((self.width - length) / 2)
        middle = even((self.footer_top + self.height - self.border) / 2)
        half = max(2, even(self.unit * 0.02))
        return Rect(left + even(length * start), middle - half, left + even(length * end), middle + half)


def pictures(width: int, height: int) -> Iterator[tuple[Plane, Plane, Plane]]:
    """The 24 frames of the card as Y, Cb and Cr planes."""
    card = Card(width, height)
    luma = Plane(width, height, 1, bytearray(width * height))
    cb, cr = (Plane(width // 2, height // 2, CHROMA_SCALE, bytearray(width * height // 4)) for _ in "br")
    still = (luma, cb, cr)
    for shape, rgb in card.background():
        for plane, value in zip(still, ycbcr(rgb), strict=True):
            plane.paint(shape, value)
    for frame in range(LOOP_FRAMES):
        y, u, v = (plane.copy() for plane in still)
        for shape, rgb in card.moving(frame):
            for plane, value in zip((y, u, v), ycbcr(rgb), strict=True):
                plane.paint(shape, value)
        yield y, u, v


def video_frame(planes: tuple[Plane, Plane, Plane], number: int) -> av.VideoFrame:
    """The planes as PyAV wants them, each row padded to the line size it chose."""
    frame = av.VideoFrame(planes[0].width, planes[0].height, "yuv420p")
    for plane, target in zip(planes, frame.planes, strict=True):
        pad = bytes(target.line_size - plane.width)
        starts = range(0, len(plane.samples), plane.width)
        rows = (plane.samples[at : at + plane.width] + pad for at in starts)
        target.update(b"".join(rows))
    frame.pts = number
    return frame


def rendered(width: int, height: int) -> bytes:
    """The loop of one size: an Annex B stream of SPS, PPS and 24 slices, without SEI.

    Raises:
        ValueError: A side is odd or not positive, or the encoder did not give one slice per frame.
    """
    if width % 2 or height % 2 or min(width, height) <= 0:
        message = f"Found size {width}x{height}, expected two positive even numbers. Nothing was rendered."
        raise ValueError(message)
    encoder = av.CodecContext.create("libx264", "w")
    if not isinstance(encoder, VideoCodecContext):
        message = f"libx264 opened as {type(encoder).__name__}, expected a video encoder."
        raise TypeError(message)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(RENDER_FPS), Fraction(1, RENDER_FPS)
    encoder.options = X264
    stream = bytearray()
    for number, planes in enumerate(pictures(width, height)):
        for packet in encoder.encode(video_frame(planes, number)):
            stream += bytes(packet)
    for packet in encoder.encode(None):
        stream += bytes(packet)
    # Annex B start codes have three or four bytes; SEI holds only the encoder's banner.
    units = [u for u in re.split(rb"\x00{2,3}\x01", bytes(stream)) if u and u[0] & 0x1F != NAL_SEI]
    slices = sum(u[0] & 0x1F in NAL_SLICES for u in units)
    if slices != LOOP_FRAMES:
        message = f"{width}x{height}: found {slices} slices, expected {LOOP_FRAMES}. Nothing was written."
        raise ValueError(message)
    return b"".join(b"\x00\x00\x00\x01" + u for u in units)


def main(arguments: Sequence[str] | None = None) -> int:
    """Render or check the sizes asked for; the exit status is 1 when a check found a difference."""
    parser = argparse.ArgumentParser(description="Render the looping test cards of the mock's video room.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare with what is there")
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help="such as 1280x720; default: all listed")
    options = parser.parse_args(arguments)
    wrong = [size for size in options.sizes if not EVEN_SIZE.fullmatch(size)]
    if wrong:
        parser.error(f"found size {wrong[0]!r}, expected two even numbers such as 1280x720")
    different = 0
    asked = [(int(width), int(height)) for width, height in (size.split("x") for size in options.sizes)]
    for width, height in asked or CANVASES:
        size = f"{width}x{height}"
        loop, path = rendered(width, height), ASSETS / f"{size}.h264"
        if not options.check:
            ASSETS.mkdir(parents=True, exist_ok=True)
            path.write_bytes(loop)
            print(f"{size}: {len(loop)} bytes")
        elif not path.exists() or path.read_bytes() != loop:
            different += 1
            print(f"{size}: the committed loop differs from this rendering, or is missing; render it again")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
