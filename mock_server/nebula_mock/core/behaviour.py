"""How a provider behaves where it has a choice, for everyone whose account does not say otherwise."""

from dataclasses import dataclass, field

from nebula_mock.core.lifecycle import Plan
from nebula_mock.core.rules import VideoResults
from nebula_schemas.catalogue import Dialect


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a provider does that no document settles.

    Attributes:
        dialect: How it answers.
        plan: What becomes of every task.
        video_results: How results are handed over where a family has a choice.
        video_size_bytes: The exact size of every result, or None for the natural one.
        id_time: The time that ids tell, seconds since the epoch; None for that of their submit.
    """

    dialect: Dialect = "documented"
    plan: Plan = field(default_factory=Plan)
    video_results: VideoResults = "url"
    video_size_bytes: int | None = None
    id_time: float | None = None
