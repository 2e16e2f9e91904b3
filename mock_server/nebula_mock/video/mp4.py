"""The boxes of an MP4 file with one H.264 track made of a loop, repeated and cut.

Everything that precedes the media data is built here, with sizes and offsets known in advance: ``ftyp``,
``free``, ``moov``, then the header of ``mdat``. There is one chunk per pass of the loop.

Source: ISO/IEC 14496-12 (ISO base media file format), box by box as cited; ISO/IEC 14496-15, 5.3.3 and 5.4.2
(avcC, avc1); QuickTime File Format, "User data atoms" (the comment).
"""

import struct
from dataclasses import dataclass

from nebula_mock.video.loops import LOOP_FRAMES, NAL_LENGTH_BYTES, Loop
from nebula_mock.video.sps import parsed_sps

BOX_HEADER_BYTES = 8
"""Size and type of a box (4.2); every box here is small enough for 32 bits."""

MOVIE_TIMESCALE = 1000
"""Units a second of the movie and track headers; a film lasts whole seconds, so any number is exact."""

FRAME_TICKS = 512
"""Units of the media timescale that each frame lasts; the timescale is fps times this, so all are exact."""

_UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)  # 8.2.2.3
_LANGUAGE_UND = 0x55C4  # 8.4.2.3: "und", three letters of five bits
_TRACK_ID = 1
_TRACK_ENABLED_IN_MOVIE = 3  # 8.3.2.3
_SELF_CONTAINED = 1  # 8.7.2.3: media data is in this file
_DOTS_PER_INCH_72 = 0x480000  # 12.1.3.2, 16.16 fixed point
_DEPTH_COLOUR = 0x18  # 12.1.3.2
_BT709 = 1  # ISO/IEC 23091-2: primaries, transfer and matrix alike
_PROFILES_WITH_CHROMA = frozenset({100, 110, 122, 144})  # 14496-15, 5.3.3.1.2
_TEXT_UTF8 = 1  # type of a metadata value


@dataclass(frozen=True, slots=True)
class Track:
    """What the tables say about the video.

    Attributes:
        loop: The 24 frames.
        sps: The loop's SPS at the level that ``fps`` needs.
        fps: Frames a second.
        duration_s: Whole seconds.
    """

    loop: Loop
    sps: bytes
    fps: int
    duration_s: int

    @property
    def frames(self) -> int:
        """Frames in the film."""
        return self.fps * self.duration_s

    @property
    def passes(self) -> tuple[int, int]:
        """Whole passes of the loop, and frames of the last one that is cut (0 to 23)."""
        return divmod(self.frames, LOOP_FRAMES)

    @property
    def media_bytes(self) -> int:
        """Bytes of all frames."""
        whole, cut = self.passes
        return whole * len(self.loop.samples) + sum(self.loop.sample_sizes[:cut])


def box(kind: bytes, *payload: bytes) -> bytes:
    """A box: its size, its four-letter type, its payload (4.2)."""
    return struct.pack(">I4s", BOX_HEADER_BYTES + sum(map(len, payload)), kind) + b"".join(payload)


def box_header(kind: bytes, payload_bytes: int) -> bytes:
    """The start of a box whose payload follows from elsewhere."""
    return struct.pack(">I4s", BOX_HEADER_BYTES + payload_bytes, kind)


def full_box(kind: bytes, *payload: bytes, flags: int = 0) -> bytes:
    """A box with version 0 and flags ahead of its payload (4.2)."""
    return box(kind, struct.pack(">I", flags), *payload)


def head(track: Track, comment: str, padding: int = 0) -> bytes:
    """All that precedes the frames: ``ftyp``, ``free``, ``moov`` and the header of ``mdat``.

    Args:
        track: The video.
        comment: Kept in ``moov/udta`` as the comment that players and probes show.
        padding: Bytes by which the first ``free`` grows, to absorb what is too small for a box of its own.
    """
    brands = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")  # 4.3
    before = brands + box(b"free", bytes(padding))
    # The chunk offsets depend on the size of the box that holds them, but not that size on them.
    movie_bytes = len(_movie(track, comment, 0))
    movie = _movie(track, comment, len(before) + movie_bytes + BOX_HEADER_BYTES)
    return before + movie + box_header(b"mdat", track.media_bytes)


def _movie(track: Track, comment: str, media_offset: int) -> bytes:
    duration = track.duration_s * MOVIE_TIMESCALE
    # Times of creation and change are 0, here and below: the same film has the same bytes always.
    times = struct.pack(">4I", 0, 0, MOVIE_TIMESCALE, duration)
    rate_and_volume = struct.pack(">IH10x", 0x10000, 0x100)  # 1.0 and full, 8.2.2.3
    return box(
        b"moov",
        full_box(b"mvhd", times, rate_and_volume, _UNITY_MATRIX, bytes(24), struct.pack(">I", _TRACK_ID + 1)),
        box(b"trak", _track_header(track, duration), _media(track, media_offset)),
        _user_data(comment),
    )


def _track_header(track: Track, duration: int) -> bytes:
    """``tkhd``, 8.3.2: never created, track 1, layer 0, no sound; sizes are 16.16 fixed point."""
    times = struct.pack(">5I8x", 0, 0, _TRACK_ID, 0, duration)
    size = struct.pack(">2I", track.loop.width << 16, track.loop.height << 16)
    return full_box(b"tkhd", times, bytes(8), _UNITY_MATRIX, size, flags=_TRACK_ENABLED_IN_MOVIE)


def _media(track: Track, media_offset: int) -> bytes:
    """``mdia``, 8.4: header, handler and the information for decoding."""
    times = struct.pack(">4IHH", 0, 0, track.fps * FRAME_TICKS, track.frames * FRAME_TICKS, _LANGUAGE_UND, 0)
    return box(
        b"mdia",
        full_box(b"mdhd", times),
        full_box(b"hdlr", struct.pack(">4x4s12x", b"vide"), b"VideoHandler\0"),
        box(
            b"minf",
            full_box(b"vmhd", bytes(8), flags=1),  # 12.1.2: copy, no tint; its flags are always 1
            box(b"dinf", full_box(b"dref", struct.pack(">I", 1), full_box(b"url ", flags=_SELF_CONTAINED))),
            _sample_tables(track, media_offset),
        ),
    )


def _sample_tables(track: Track, media_offset: int) -> bytes:
    """``stbl``, 8.5 to 8.7: one run of equal durations, one chunk and one sync sample per pass."""
    whole, cut = track.passes
    starts = whole + (cut > 0)
    pass_bytes = len(track.loop.samples)
    sync = (1 + LOOP_FRAMES * i for i in range(starts))
    offsets = (media_offset + pass_bytes * i for i in range(starts))
    runs = [(1, LOOP_FRAMES, 1)] * (whole > 0) + [(whole + 1, cut, 1)] * (cut > 0)
    sizes = struct.pack(f">{LOOP_FRAMES}I", *track.loop.sample_sizes)
    return box(
        b"stbl",
        full_box(b"stsd", struct.pack(">I", 1), _sample_entry(track)),
        full_box(b"stts", struct.pack(">3I", 1, track.frames, FRAME_TICKS)),
        full_box(b"stss", struct.pack(f">{1 + starts}I", starts, *sync)),
        full_box(b"stsc", struct.pack(">I", len(runs)), *(struct.pack(">3I", *run) for run in runs)),
        full_box(b"stsz", struct.pack(">2I", 0, track.frames), sizes * whole, sizes[: 4 * cut]),
        full_box(b"stco", struct.pack(f">{1 + starts}I", starts, *offsets)),
    )


def _sample_entry(track: Track) -> bytes:
    """``avc1`` (12.1.3) with the decoder's configuration, and the colour that the dropped VUI had stated."""
    return box(
        b"avc1",
        struct.pack(">6xH16x", 1),  # data_reference_index
        struct.pack(">2H2I4xH", track.loop.width, track.loop.height, _DOTS_PER_INCH_72, _DOTS_PER_INCH_72, 1),
        struct.pack(">32xHh", _DEPTH_COLOUR, -1),  # no compressor name; -1 stands for no colour table
        _configuration(track),
        box(b"colr", struct.pack(">4s3HB", b"nclx", _BT709, _BT709, _BT709, 0)),  # 12.1.5: limited range
    )


def _configuration(track: Track) -> bytes:
    """``avcC``, 14496-15, 5.3.3.1: profile, level, parameter sets; bits set to one are reserved."""
    facts = parsed_sps(track.sps)
    profile = bytes((facts.profile_idc, facts.constraint_flags, facts.level_idc))
    one_sps = struct.pack(">BH", 0xE0 | 1, len(track.sps)) + track.sps
    one_pps = struct.pack(">BH", 1, len(track.loop.pps)) + track.loop.pps
    high = b""
    if facts.profile_idc in _PROFILES_WITH_CHROMA:
        depths = (0xF8 | facts.bit_depth_luma - 8, 0xF8 | facts.bit_depth_chroma - 8)
        high = bytes((0xFC | facts.chroma_format_idc, *depths, 0))  # no SPS extension
    return box(b"avcC", b"\x01", profile, bytes((0xFC | NAL_LENGTH_BYTES - 1,)), one_sps, one_pps, high)


def _user_data(comment: str) -> bytes:
    """``udta`` with the comment as an item of a metadata list, the place where players look for it."""
    value = box(b"data", struct.pack(">2I", _TEXT_UTF8, 0), comment.encode())
    handler = full_box(b"hdlr", struct.pack(">4x4s4s8x", b"mdir", b"appl"), b"\0")
    return box(b"udta", full_box(b"meta", handler, box(b"ilst", box(b"\xa9cmt", value))))
