"""Give large blocks of memory back to the system when they are freed.

glibc raises the size from which it takes blocks from the system directly, up to 32 MiB, as such blocks are
freed. From then on a body of ten megabytes comes from a heap that is seldom given back: measured with the
hostile bodies of the tests, the server kept 72 MiB after three rounds, and 9 MiB with the size held fixed.
"""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # glibc, malloc.h
_FROM_THE_SYSTEM_BYTES = 128 * 1024  # glibc's own default, before it rises


def hold_mmap_threshold() -> bool:
    """Whether the size is held fixed from now on, in this whole process; only glibc can."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _FROM_THE_SYSTEM_BYTES))
