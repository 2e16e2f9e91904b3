"""Observations as a JSON document and back (``files/observed.schema.json``): sorted and stable, so that a diff can be read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from nebula_contract.drift.comparing.requests import blamed
from nebula_contract.drift.observation import (
    CellKey,
    CellSeen,
    LifeSeen,
    Observations,
    RequestsSeen,
    Span,
    Trait,
)

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Dated:
    """When, by which plan and beside which mock something was seen.

    Attributes:
        verified_at: When the run began, ISO 8601 in UTC; empty where nobody says.
        plan: Digest of the plan.
        target: The provider's address.
        mock_version: Version of this package.
    """

    verified_at: str = ""
    plan: str = ""
    target: str = ""
    mock_version: str = ""


@dataclass(slots=True)
class Observed:
    """Observations with their dates.

    Attributes:
        seen: What was seen.
        cells: Cell to its date.
        families: Family to the date of its lives and requests.
        run: The date of what is of the whole run: checks, broken promises, variants.
    """

    seen: Observations = field(default_factory=Observations)
    cells: dict[CellKey, Dated] = field(default_factory=dict)
    families: dict[str, Dated] = field(default_factory=dict)
    run: Dated = field(default_factory=Dated)


def document_of(observed: Observed) -> dict[str, Any]:
    """The document."""
    seen = observed.seen
    families = sorted({*seen.lives, *seen.requests})
    return {
        "format": FORMAT,
        "entries": {
            str(key): {**_dated(observed.cells.get(key)), "samples": cell.samples, "traits": _traits(cell)}
            for key, cell in sorted(seen.cells.items())
        },
        "families": {
            family: {
                **_dated(observed.families.get(family)),
                **_life(seen.lives.get(family)),
                **_requests(seen.requests.get(family)),
            }
            for family in families
        },
        "run": {
            **_dated(observed.run),
            "checks": dict(sorted(seen.checks.items())),
            "broken": sorted(seen.broken),
            "variants": {
                matter: dict(sorted(sides.items())) for matter, sides in sorted(seen.variants.items())
            },
        },
    }


def observed_of(document: Mapping[str, Any]) -> Observed:
    """The observations of a document that is valid by its schema.

    Raises:
        ValueError: The name of an entry is none.
    """
    observed = Observed()
    for name, entry in document["entries"].items():
        key = CellKey.of(name)
        observed.seen.cells[key] = CellSeen(
            entry["samples"], {Trait.of(trait): Counter(values) for trait, values in entry["traits"].items()}
        )
        observed.cells[key] = _date_of(entry)
    for family, entry in document["families"].items():
        observed.families[family] = _date_of(entry)
        if "tasks" in entry:
            spans = {
                what: Span(span["count"], span["least_s"], span["middle_s"], span["most_s"])
                for what, span in entry["spans"].items()
            }
            observed.seen.lives[family] = LifeSeen(
                entry["tasks"], Counter(entry["traces"]), spans, Counter(entry["last"])
            )
        if "accepted" in entry:
            refused = [(frozenset({feature}), told, 0) for feature, told in entry["refused"].items()]
            observed.seen.requests[family] = RequestsSeen(Counter(entry["accepted"]), refused)
    run = document["run"]
    observed.run = _date_of(run)
    observed.seen.checks = dict(run["checks"])
    observed.seen.broken = set(run["broken"])
    observed.seen.variants = {matter: Counter(sides) for matter, sides in run["variants"].items()}
    return observed


def _dated(dated: Dated | None) -> dict[str, str]:
    return {name: value for name, value in asdict(dated or Dated()).items() if value}


def _date_of(entry: Mapping[str, Any]) -> Dated:
    return Dated(*(entry.get(name, "") for name in ("verified_at", "plan", "target", "mock_version")))


def _traits(cell: CellSeen) -> dict[str, dict[str, int]]:
    return {str(trait): dict(sorted(values.items())) for trait, values in sorted(cell.traits.items())}


def _life(life: LifeSeen | None) -> dict[str, Any]:
    if life is None:
        return {}
    spans = {
        what: {"count": span.count, "least_s": span.least, "middle_s": span.middle, "most_s": span.most}
        for what, span in sorted(life.spans.items())
    }
    return {
        "tasks": life.tasks,
        "traces": dict(sorted(life.traces.items())),
        "last": dict(sorted(life.last.items())),
        "spans": spans,
    }


def _requests(requests: RequestsSeen | None) -> dict[str, Any]:
    if requests is None:
        return {}
    refused = {feature: told for feature, told, _ in blamed(requests)}
    return {"accepted": dict(sorted(requests.accepted.items())), "refused": dict(sorted(refused.items()))}
