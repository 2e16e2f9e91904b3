"""On what terms a task is kept and handed over: decided at its submit, as its plan is."""

from dataclasses import dataclass

from nebula_mock.core.rules import VideoResults


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one task in place of what its family says; None for the family's or the server's own.

    Attributes:
        task_s: How long it is known after its end, in seconds.
        url_s: How long its result URLs work after its end, in seconds; 0 for not at all.
        data_uri_s: How long results stand in the answer after its end, in seconds; 0 for not at all.
        video_size_bytes: The exact size of its results.
        video_results: How they are handed over where its family has a choice.
    """

    task_s: float | None = None
    url_s: float | None = None
    data_uri_s: float | None = None
    video_size_bytes: int | None = None
    video_results: VideoResults | None = None


def is_over(now: float, ended_at: float, valid_s: float) -> bool:
    """Whether what was valid for ``valid_s`` seconds from ``ended_at`` on is no longer so; never was, at 0."""
    return valid_s == 0 or now > ended_at + valid_s
