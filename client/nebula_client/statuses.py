"""The statuses of a task, and the other words the provider's documents and servers have for them.

Spaces around a word and its letters' case do not matter. A word that is in no document is no reason
to give up on a paid task: it counts as running until the caller's deadline.
"""

from collections.abc import Mapping

SUBMITTED = "submitted"
QUEUED = "queued"
IN_PROGRESS = "in_progress"
SUCCEEDED = "succeeded"
FAILED = "failed"
CANCELLED = "cancelled"
UNKNOWN = "unknown"
"""What the gateway says before it first reached the upstream (SRC)."""

TERMINAL_STATUSES = frozenset({SUCCEEDED, FAILED, CANCELLED})

ORDER: Mapping[str, int] = {
    UNKNOWN: 0,
    SUBMITTED: 1,
    QUEUED: 2,
    IN_PROGRESS: 3,
    SUCCEEDED: 4,
    FAILED: 4,
    CANCELLED: 4,
}
"""How far along a status is; one that falls went backwards."""

ALIASES: Mapping[str, str] = {
    "not_start": UNKNOWN,  # the gateway of August 2025 (SRC)
    "pending": QUEUED,  # the site's older page, and Wan's task_status
    "running": IN_PROGRESS,  # Wan's and Seedance's upstream
    "completed": SUCCEEDED,  # Sora's upstream, in metadata
    "success": SUCCEEDED,  # the gateway of August 2025 (SRC)
    "failure": FAILED,  # the gateway of August 2025 (SRC)
    "canceled": CANCELLED,  # Wan's upstream
}


def status_of(word: str) -> str:
    """The status a word of the provider stands for; a word nobody knows stands for itself."""
    plain = word.strip().casefold()
    status = ALIASES.get(plain, plain)
    return status if status in ORDER else word


def is_known(status: str) -> bool:
    """Whether some document of the provider has that status."""
    return status in ORDER
