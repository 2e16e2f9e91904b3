"""What a command writes is none of what it reads, and nothing is written twice: told before anything is done."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

Named = tuple[str, Path | None]
"""What a file is to the command, such as ``--accepted``; and the file, None where it was not given."""


def clash(reads: Iterable[Named], writes: Iterable[Named]) -> str:
    """Which output is also an input or another output, by whatever name or link, in a sentence; empty for none.

    Devices and pipes take several outputs, and lose nothing by it.
    """
    taken = [(name, path) for name, path in reads if path is not None]
    for name, path in writes:
        if path is None:
            continue
        for other, its_path in taken:
            if _is_same(path, its_path):
                return (
                    f"{name}: found {path}, which is the file of {other} too, expected another one: it would be "
                    "written over. Nothing was sent, and nothing written."
                )
        taken.append((name, path))
    return ""


def _is_same(one: Path, other: Path) -> bool:
    try:
        first, second = one.stat(), other.stat()
    except OSError:  # at least one is not there yet: two names of one place
        return os.path.realpath(one) == os.path.realpath(other)
    return os.path.samestat(first, second) and stat.S_ISREG(first.st_mode)
