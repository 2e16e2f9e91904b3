"""The checks, a module for each area; importing one registers its checks."""

import importlib

_AREAS: tuple[str, ...] = ()


def load() -> None:
    """Register every check; the second time does nothing."""
    for area in _AREAS:
        importlib.import_module(f"{__name__}.{area}")
