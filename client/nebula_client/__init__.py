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
    NebulaError,
    OutputError,
    RefusedError,
    SubmitUncertainError,
    TaskFailedError,
    UnreachableError,
    WaitTimeoutError,
)
from nebula_client.models import Generation, Submission, Task, TaskError, Video
from nebula_client.polling import PollSchedule
from nebula_schemas.version import VERSION

__version__ = VERSION

__all__ = [
    "BrokenContractError",
    "ConfigurationError",
    "Generation",
    "NebulaError",
    "OutputError",
    "PollSchedule",
    "RefusedError",
    "Submission",
    "SubmitUncertainError",
    "Task",
    "TaskError",
    "TaskFailedError",
    "UnreachableError",
    "Video",
    "VideoClient",
    "WaitTimeoutError",
    "__version__",
]
