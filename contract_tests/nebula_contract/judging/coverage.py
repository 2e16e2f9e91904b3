"""What a run has to have looked at, and what it did: operation, outcome, envelope, family, edge of the lifecycle, field.

A required cell that was not seen makes a run inconclusive: what was not looked at is never green.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nebula_contract.judging.checks.submits import input_class
from nebula_contract.judging.findings import Cell
from nebula_contract.judging.matching import envelope_of, match
from nebula_contract.judging.members import places
from nebula_contract.judging.views import RunView, Seen
from nebula_schemas.catalogue import Family, catalogue
from nebula_schemas.problems import problem_table

_ARRANGED = {
    "quota-not-enough": "broke",
    "rate-limited": "rate-limited",
    "too-many-running": "one-at-a-time",
    "server-error": "outage",
}
"""Refusals that only a mock can be made to give, with the condition that the run arranges for it."""

_REFUSED_BY_REQUEST = (
    *("missing-key", "invalid-key", "wrong-content-type", "malformed-json", "missing-model", "unknown-model"),
    *("missing-prompt", "wrong-json-type", "wrong-field-type", "unknown-task", "download-without-id"),
    *("download-unknown-task", "download-no-file", "unknown-route"),
)
_OF_EACH_FAMILY: Mapping[str, tuple[str, Sequence[str]]] = {
    "prompt": ("submit", ("missing-prompt", "missing-content", "malformed-content")),
    "type": ("submit", ("wrong-field-type", "wrong-json-type")),
    "content-type": ("submit", ("wrong-content-type",)),
    "no-key": ("submit", ("missing-key",)),
    "malformed-key": ("submit", ("invalid-key", "channel-suffix")),
    "no-file": ("download", ("download-no-file",)),
}
"""Refusals that a run looks at for each family, since a provider may be wrong about one alone: a name to the operation
and the rows of which any will do."""

_ARRANGED_FOR_EACH: Mapping[str, tuple[str, Sequence[str]]] = {
    "quota": ("submit", ("quota-not-enough",)),
    "running": ("submit", ("too-many-running",)),
    "expired": ("result", ("result-expired",)),
}
"""As ``_OF_EACH_FAMILY``, where only a mock can be made to refuse. An outage comes once in a mock's life, so a later run
there meets it at some families or none."""

_NOT_TOLD_APART = frozenset({("seedance", "type")})
"""Seedance has one refusal for content that is absent and content of another type."""

_FREE_ONLINE = (
    *("missing-key", "unknown-task", "download-without-id", "download-unknown-task", "unknown-route"),
)
"""Refusals that every live run can look at for nothing; a bad body with a good key might be accepted, and charged."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cell that a run should look at.

    Attributes:
        name: Its name.
        what: In a sentence.
        at_mock: Whether a run at a mock must see it.
        at_server: Whether a generated run at a server that is no mock must.
        at_live: Whether a live run must; one that costs is required only for the families that the plan pays for.
        in_plans: Whether it is required for a family that the plan pays for.
    """

    name: str
    what: str
    at_mock: bool = True
    at_server: bool = True
    at_live: bool = False
    in_plans: bool = True


def wanted_cells() -> tuple[Wanted, ...]:
    """Every cell that there is to look at."""
    return tuple(_wanted())


def _wanted() -> Iterator[Wanted]:
    for problem_id in _REFUSED_BY_REQUEST:
        when = problem_table()[problem_id].when
        yield Wanted(f"refusal {problem_id}", f"refused, since {when}", at_live=problem_id in _FREE_ONLINE)
    for problem_id, condition in _ARRANGED.items():
        yield Wanted(f"refusal {problem_id}", f"refused under the condition {condition}", at_server=False)
    for family in catalogue().families:
        yield from _of_family(family)


def _of_family(family: Family) -> Iterator[Wanted]:
    name = family.name
    for fate in ("accepted", "coerced", "ignored", "rejected"):
        yield Wanted(f"submit {name} {fate}", f"a submit of {family.title} with input that is {fate}")
    words = ("in_progress", "succeeded")
    for word in words:
        yield Wanted(f"query {name} {word}", f"a query of {family.title} that says {word}")
    yield Wanted(f"query {name} failed", f"a failed task of {family.title}", at_server=False)
    yield Wanted(f"edge {name} open>succeeded", f"a task of {family.title} seen before and after its end")
    yield Wanted(f"edge {name} succeeded>succeeded", f"an ended task of {family.title}, asked for again")
    yield Wanted(f"foreign {name}", f"a task of {family.title}, asked for with another key")
    yield Wanted(f"keyless {name}", f"a task of {family.title}, asked for without a key")
    for operation in ("query", "download"):
        what = f"a {operation} of a task of {family.title}"
        yield Wanted(f"foreign {operation} {name}", f"{what} with another key", in_plans=False)
        yield Wanted(f"keyless {operation} {name}", f"{what} without a key", in_plans=False)
    yield from _refusals_of(family)
    if family.delivery == "download":
        yield Wanted(f"download {name} given", f"a video of {family.title}, downloaded")
        yield Wanted(f"download {name} again", f"a video of {family.title}, downloaded twice")
    else:
        yield Wanted(f"result {name} given", f"the file behind a URL of {family.title}")
        yield Wanted(f"result {name} again", "that file, fetched twice")
    yield Wanted(f"download {name} refused", f"a download of {family.title} that has no file to give")


def _refusals_of(family: Family) -> Iterator[Wanted]:
    for table, at_server in ((_OF_EACH_FAMILY, True), (_ARRANGED_FOR_EACH, False)):
        for name, (operation, rows) in table.items():
            is_sent = operation != "result" or family.delivery == "url"
            if is_sent and (family.name, name) not in _NOT_TOLD_APART:
                what = f"a {operation} of {family.title}, refused as {' or '.join(rows)}"
                yield Wanted(f"refused {family.name} {name}", what, at_server=at_server, in_plans=False)


def cells_of(run: RunView, *, is_live: bool, paid_families: Iterable[str] = ()) -> tuple[Cell, ...]:
    """Every cell with how often the run saw it: those that are wanted first, then what else was seen."""
    counts: Counter[str] = Counter()
    for seen in run.seen:
        counts.update(_cells(seen))
    for task in run.tasks:
        counts.update(_edges(task.family.name, [status for status, _ in task.statuses]))
    paid = set(paid_families)
    named = []
    for wanted in wanted_cells():
        is_paid = any(f" {family}" in wanted.name for family in paid)
        is_of_paid = is_paid and wanted.at_server and wanted.in_plans
        if is_live:
            is_required = wanted.at_live or (is_of_paid and not _needs_generated(wanted.name))
            reason = "" if is_required else "not in the plan"
        else:
            is_required = wanted.at_mock if run.is_mock else wanted.at_server
            reason = "" if is_required else "nothing can be arranged at this target"
        seen_times = counts.pop(wanted.name, 0)
        named.append(Cell(wanted.name, wanted.what, seen_times, is_required, "" if seen_times else reason))
    rest = (Cell(name, "", count, is_required=False) for name, count in sorted(counts.items()))
    return (*named, *rest)


def _needs_generated(name: str) -> bool:
    """Whether a cell takes generated input, which no plan pays for, or luck: a status may be skipped."""
    is_generated = name.startswith("submit ") and not name.endswith(" accepted")
    return is_generated or name.endswith(" in_progress")


def _edges(family: str, statuses: list[str]) -> Iterator[str]:
    for before, after in itertools.pairwise(statuses):
        yield f"edge {family} {before}>{after}"
        if before not in ("succeeded", "failed") and after == "succeeded":
            yield f"edge {family} open>succeeded"


def _cells(seen: Seen) -> Iterator[str]:
    exchange = seen.exchange
    compared = match(seen)
    if compared is None or compared.outcome is None:
        return
    family = "" if seen.family is None else seen.family.name
    status, operation = exchange.status, exchange.operation
    envelope = envelope_of(seen.json) if compared.outcome.kind == "refused" else compared.outcome.kind
    yield f"answer {operation} {status} {envelope or 'empty'}"
    if compared.outcome.kind == "refused":
        yield f"refusal {compared.outcome.problem_id}"
        yield from _family_refusals(operation, family, compared.outcome.problem_id) if family else ()
    yield from _BY_OPERATION[operation](seen, family, compared.outcome.kind == "refused") if family else ()


def _family_refusals(operation: str, family: str, problem_id: str) -> Iterator[str]:
    for table in (_OF_EACH_FAMILY, _ARRANGED_FOR_EACH):
        for name, (asked, rows) in table.items():
            if operation == asked and problem_id in rows:
                yield f"refused {family} {name}"


def _submit_cells(seen: Seen, family: str, refused: bool) -> Iterator[str]:  # noqa: FBT001 - a table's one form
    input_is = "rejected" if refused else input_class(seen)
    if input_is is not None and seen.exchange.request.credential in ("own", "second"):
        yield f"submit {family} {input_is}"
    if not refused:
        yield from _fields("submit", seen, family)


def _query_cells(seen: Seen, family: str, refused: bool) -> Iterator[str]:  # noqa: FBT001
    if refused:
        yield from _stranger_cells(seen, family)
        return
    yield (
        f"query {family} {seen.json.get('status')}" if isinstance(seen.json, dict) else "query without a body"
    )
    yield from _fields("query", seen, family)


def _download_cells(seen: Seen, family: str, refused: bool) -> Iterator[str]:  # noqa: FBT001
    if refused:
        yield f"download {family} refused"
        yield from _stranger_cells(seen, family)
        return
    yield f"download {family} given"
    earlier = (
        [] if seen.task is None else [one for one in seen.task.downloads if one.number < seen.exchange.number]
    )
    if any(one.status == seen.exchange.status for one in earlier):
        yield f"download {family} again"
    yield from _fields("download", seen, family)


def _result_cells(seen: Seen, family: str, refused: bool) -> Iterator[str]:  # noqa: FBT001
    if refused or seen.exchange.request.method != "GET":
        yield f"result {family} {'refused' if refused else seen.exchange.request.method}"
        return
    yield f"result {family} given"
    earlier = (
        [] if seen.task is None else [one for one in seen.task.results if one.number < seen.exchange.number]
    )
    if any(one.request.path == seen.exchange.request.path and one.request.method == "GET" for one in earlier):
        yield f"result {family} again"


def _stranger_cells(seen: Seen, family: str) -> Iterator[str]:
    credential = seen.exchange.request.credential
    operation = seen.exchange.operation
    if credential == "none":
        yield from (f"keyless {family}", f"keyless {operation} {family}")
    elif seen.task is not None and credential != seen.task.submit.request.credential:
        yield from (f"foreign {family}", f"foreign {operation} {family}")


def _no_cells(_seen: Seen, _family: str, _refused: bool) -> Iterator[str]:  # noqa: FBT001
    yield from ()


def _fields(operation: str, seen: Seen, family: str) -> Iterator[str]:
    for place, _ in places(seen.json):
        yield f"field {operation} {family} {place}"


_BY_OPERATION = {
    "submit": _submit_cells,
    "query": _query_cells,
    "download": _download_cells,
    "result": _result_cells,
    "route": _no_cells,
}
