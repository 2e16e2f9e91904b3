"""A thin, careful client of Nebula's video API: submit once, wait, download whole or not at all.

from nebula_client import VideoClient

client = VideoClient()  # NEBULA_API_KEY and NEBULA_BASE_URL
made = client.generate("A cat in the garden", "cat.mp4", model="sora-2", seconds=4)
print(made.video.path, made.video.size_bytes)
"""

import importlib
from typing import TYPE_CHECKING, Any

from nebula_schemas.version import VERSION

if TYPE_CHECKING:
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
    from nebula_client.result_document import Verify
    from nebula_client.settings import Limits, Timeouts

__version__ = VERSION

# A name's module is imported when the name is first asked for, so that a program that only may need the client
# does not pay for requests at its start.
_HOMES = {
    "api": ("VideoClient",),
    "errors": (
        "BrokenContractError",
        "ConfigurationError",
        "IntegrityError",
        "NebulaError",
        "OutputError",
        "RefusedError",
        "ResultExpired",
        "SubmitUncertain",
        "TaskCancelled",
        "TaskFailed",
        "UnexpectedRedirect",
        "UnreachableError",
        "WaitTimeoutError",
    ),
    "input_rules": ("ChangedValueWarning",),
    "models": ("Generation", "Submission", "Task", "TaskError", "Video"),
    "polling": ("PollSchedule",),
    "result_document": ("Verify",),
    "settings": ("Limits", "Timeouts"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

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
    "Verify",
    "Video",
    "VideoClient",
    "WaitTimeoutError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
