"""A thin, careful client of Nebula's video API: submit once, wait, download whole or not at all.

from nebula_client import VideoClient

client = VideoClient()  # NEBULA_API_KEY and NEBULA_BASE_URL
made = client.generate("A cat in the garden", "cat.mp4", model="sora-2", seconds=4)
print(made.video.path, made.video.size_bytes)
"""

from nebula_client.api import VideoClient
from nebula_client.errors import (
    BrokenContractError,
    ConfigurationError,
    IntegrityError,
    NebulaError,
    OutputError,
    RefusedError,
    ResultExpired,
    SubmitUncertain,
    TaskCancelled,
    TaskFailed,
    UnexpectedRedirect,
    UnreachableError,
    WaitTimeoutError,
)
from nebula_client.input_rules import ChangedValueWarning
from nebula_client.models import Generation, Submission, Task, TaskError, Video
from nebula_client.polling import PollSchedule
from nebula_client.settings import Limits, Timeouts
from nebula_schemas.version import VERSION

__version__ = VERSION

__all__ = [
    "BrokenContractError",
    "ChangedValueWarning",
    "ConfigurationError",
    "Generation",
    "IntegrityError",
    "Limits",
    "NebulaError",
    "OutputError",
    "PollSchedule",
    "RefusedError",
    "ResultExpired",
    "Submission",
    "SubmitUncertain",
    "Task",
    "TaskCancelled",
    "TaskError",
    "TaskFailed",
    "Timeouts",
    "UnexpectedRedirect",
    "UnreachableError",
    "Video",
    "VideoClient",
    "WaitTimeoutError",
    "__version__",
]
