"""Values drawn by Hypothesis before anything is sent: it never sees an answer, so it has nothing to try again."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from hypothesis import given, seed
from hypothesis import strategies as st

from nebula_contract.sending.profiles import generating

Drawn = TypeVar("Drawn")

_FOLDER = "HYPOTHESIS_STORAGE_DIRECTORY"


def drawn(strategy: st.SearchStrategy[Drawn], count: int, number: int) -> list[Drawn]:
    """About so many values, the same for the same ``number``; fewer where there are no more."""
    values: list[Drawn] = []

    @seed(number)
    @generating(count)
    @given(strategy)
    def draw(value: Drawn) -> None:
        values.append(value)

    draw()
    return values


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Hypothesis leaves nothing where the run was started from, nor in the environment after it."""
    before = os.environ.get(_FOLDER)
    with tempfile.TemporaryDirectory(prefix="nebula-contract-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[_FOLDER]
            else:
                os.environ[_FOLDER] = before
