"""The checks, a module for each area; importing one registers its checks."""

import importlib

_AREAS = (
    "every_answer",
    "submits",
    "queries",
    "query_values",
    "moments",
    "life",
    "downloads",
    "films",
    "results",
    "access",
    "refusals",
    "whole_run",
    "client_agrees",
)


def load() -> None:
    """Register every check; the second time does nothing."""
    for area in _AREAS:
        importlib.import_module(f"{__name__}.{area}")
