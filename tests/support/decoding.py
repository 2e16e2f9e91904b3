"""What a real decoder says about a video."""

import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container


@dataclass(frozen=True, slots=True)
class Decoded:
    """The measured facts of a video whose every frame was decoded.

    Attributes:
        width: Frame width in pixels.
        height: Frame height in pixels.
        frames: Frames decoded.
        fps: Frames per second.
        duration_s: Duration in seconds.
        codec: Name of the codec.
    """

    width: int
    height: int
    frames: int
    fps: Fraction
    duration_s: Fraction
    codec: str


def decoded(video: bytes | Path) -> Decoded:
    """Decode every frame; any error in the stream is raised."""
    source = io.BytesIO(video) if isinstance(video, bytes) else str(video)
    with av.open(source, options={"err_detect": "explode"}) as container:
        assert isinstance(container, av.container.InputContainer)
        stream = container.streams.video[0]
        frames = len([frame.pts for frame in container.decode(stream)])
        assert stream.average_rate is not None
        assert stream.duration is not None
        assert stream.time_base is not None
        return Decoded(
            width=stream.width,
            height=stream.height,
            frames=frames,
            fps=stream.average_rate,
            duration_s=stream.duration * stream.time_base,
            codec=stream.codec_context.name,
        )
