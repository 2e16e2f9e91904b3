"""What becomes of the tasks of a mock, and the videos that it makes of them."""

from dataclasses import replace
from typing import Any

from nebula_mock import MockServer, Plan


def plan(mock: MockServer, **how: Any) -> None:
    """What becomes of every task from now on."""
    mock._provider.behaviour = replace(mock._provider.behaviour, plan=Plan(**how))


def film(mock: MockServer, index: int = 0) -> bytes:
    """The bytes of the provider's last task's video."""
    return b"".join(mock._provider.film(mock.tasks[-1], index).read())
