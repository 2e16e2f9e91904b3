"""Lies about when things happened, all of one answer in the same order as before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from nebula_contract.mutating.lies import family, json_lie, on
from nebula_contract.mutating.mutant import Lie, Mutant

_HOUR_S = 3600
_NUMBERS = ("created_at", "updated_at", "completed_at", "expires_at")
_TEXTS = ("submit_time", "scheduled_time", "end_time")


def _moved(seconds: int, *names: str) -> Callable[[dict[str, Any]], None]:
    """Those times of metadata are so much later; all of them where none is named."""

    def change(body: dict[str, Any]) -> None:
        metadata = body.get("metadata")
        if not isinstance(metadata, dict):
            return
        for name in names or _NUMBERS:
            if isinstance(metadata.get(name), int):
                metadata[name] += seconds
        output = metadata.get("output")
        for name in names or _TEXTS:
            if isinstance(output, dict) and isinstance(output.get(name), str):
                moved = datetime.fromisoformat(output[name]) + timedelta(seconds=seconds)
                output[name] = moved.isoformat(" ", "milliseconds")

    return change


def _queries(change: Callable[[dict[str, Any]], None], *names: str) -> Lie:
    return json_lie(on("query", when=family(*names)), change)


FAMILIES = ("sora", "wan", "seedance")
MUTANTS = [
    *(Mutant(f"times of {name} are of another zone", ("NC330",), _queries(_moved(8 * _HOUR_S), name)) for name in FAMILIES),
    *(Mutant(f"times of {name} are a day early", ("NC330",), _queries(_moved(-24 * _HOUR_S), name)) for name in FAMILIES),
    Mutant("all times are an hour early", ("NC330",), _queries(_moved(-_HOUR_S), *FAMILIES)),
    Mutant("all times are a year late", ("NC330",), _queries(_moved(365 * 24 * _HOUR_S), *FAMILIES)),
    Mutant("Wan's times are UTC", ("NC330",), _queries(_moved(-8 * _HOUR_S), "wan")),
    Mutant("tasks of Sora end in the future", ("NC330",), _queries(_moved(2 * _HOUR_S, "completed_at", "expires_at"), "sora")),
    Mutant("tasks of Seedance change in the future", ("NC330",), _queries(_moved(2 * _HOUR_S, "updated_at"), "seedance")),
    Mutant("Sora's submit is of yesterday", ("NC330",), json_lie(on("submit", when=family("sora")), _moved(-24 * _HOUR_S)), dialects=("gateway",)),
]  # fmt: skip
