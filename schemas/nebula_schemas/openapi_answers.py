"""The answers of one operation in one dialect, as OpenAPI response objects made from schemas and error table."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nebula_schemas.catalogue import Dialect
from nebula_schemas.examples import committed_examples, refusal_example
from nebula_schemas.loader import BASE_URI, Contract
from nebula_schemas.problems import Envelope, Problem, WireError, problem_table

Operation = Literal["submit", "query", "download"]

# Errors, submits and downloads carry a charset, a query answer does not (SRC, INF from the framework).
_WITH_CHARSET = "application/json; charset=utf-8"
_MEDIA_TYPES: Mapping[Operation, str] = {
    "submit": _WITH_CHARSET,
    "query": "application/json",
    "download": _WITH_CHARSET,
}
_MEANINGS: Mapping[Operation, str] = {
    "submit": "The task is taken.",
    "query": "The task as the provider knows it; a failed task too has status 200.",
    "download": "The video.",
}
_EXAMPLES: Mapping[Operation, tuple[str, ...]] = {
    "submit": ("submit/response",),
    "query": ("query/response", *(f"query/{status}" for status in ("queued", "submitted", "in_progress"))),
    "download": ("download/response",),
}
_ENDS = ("query/succeeded", "query/failed", "query/unknown")

# What a dialect always or never says, where the schema of the answer takes both sides.
_QUERY_WORDS: Mapping[Dialect, Mapping[str, Any]] = {
    "documented": {"properties": {"url": {"not": {"const": ""}}, "error": {"type": "object"}}},
    "gateway": {
        "required": ["task_id", "status", "url", "format", "metadata"],
        "properties": {"metadata": {"type": "object"}, "error": {"type": "object"}},
    },
}
_MISDIRECTED = 421
_HEADERS = {
    name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Oneapi-Request-Id", "X-Nebula-Mock")
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to be refused on one operation: the row, its wire form, and a name for it."""

    name: str
    problem: Problem
    wire: WireError


def answers(contract: Contract, operation: Operation) -> dict[str, Any]:
    """Every status that the operation can answer with, in the dialect of ``contract``.

    Pure. Schemas are referred to by their address.
    """
    by_status: defaultdict[int, list[Refusal]] = defaultdict(list)
    for refusal in refusals(contract, operation):
        by_status[refusal.wire.status].append(refusal)
    found = {200: _success(contract, operation, by_status.pop(200, []))}
    found |= {status: _refused(rows) for status, rows in by_status.items()}
    found[_MISDIRECTED] = _misdirected()
    return {str(status): found[status] for status in sorted(found)}


def refusals(contract: Contract, operation: Operation) -> Iterator[Refusal]:
    """Every wire form of the error table that the operation can answer with, in table order."""
    dialect = contract.catalogue.dialect
    families = {family.name for family in contract.catalogue.families}
    for problem in problem_table().values():
        if problem.cause == "shadowed" or not {operation, "any"} & set(problem.operations):
            continue
        if dialect in problem.answers:
            yield Refusal(problem.id, problem, problem.answers[dialect])
        for (spoken, family), wire in problem.by_family.items():
            if spoken == dialect and family in families:
                yield Refusal(f"{problem.id}-{family}", problem, wire)


def success_schema(contract: Contract, operation: Operation) -> dict[str, Any]:
    """The schema of a success, as narrow as the dialect is."""
    schema = {"$ref": f"{BASE_URI}{operation}/response.schema.json"}
    if operation != "query":
        return schema
    dialect = contract.catalogue.dialect
    spoken = (family.statuses[dialect] for family in contract.catalogue.families)
    statuses = list(dict.fromkeys(status for one in spoken for status in one))
    return {"allOf": [schema, {"properties": {"status": {"enum": statuses}}}, dict(_QUERY_WORDS[dialect])]}


def _misdirected() -> dict[str, Any]:
    """The mock's own answer to a request for another host, a guard against DNS rebinding."""
    ((title, value),) = committed_examples("errors/problem-document", "documented")
    return {
        "description": "The Host header names nobody that this server is.",
        "headers": _HEADERS,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": f"{BASE_URI}errors/problem-document.schema.json"},
                "examples": {title: {"value": value}},
            }
        },
    }


def _success(contract: Contract, operation: Operation, refused: list[Refusal]) -> dict[str, Any]:
    schema = success_schema(contract, operation)
    told = [_MEANINGS[operation], *(["Or refused:", _when(refused)] if refused else [])]
    examples = {**_success_examples(contract, operation, schema), **_refusal_examples(refused)}
    return {
        "description": "\n\n".join(told),
        "headers": _HEADERS,
        "content": {
            _MEDIA_TYPES[operation]: {
                "schema": {"anyOf": [schema, *_envelopes(refused)]} if refused else schema,
                "examples": examples,
            }
        },
    }


def _success_examples(contract: Contract, operation: Operation, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The committed examples that the dialect could have answered with."""
    takes = contract.validator_of(schema).is_valid
    names = _EXAMPLES[operation] + (_ENDS if operation == "query" else ())
    return {
        f"{name.partition('/')[2]}-{title}": {"value": value}
        for name in names
        for title, value in committed_examples(name, contract.catalogue.dialect)
        if takes(value)
    }


def _refused(rows: list[Refusal]) -> dict[str, Any]:
    schemas = list(_envelopes(rows))
    return {
        "description": _when(rows),
        "headers": _HEADERS,
        "content": {
            _WITH_CHARSET: {
                "schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas},
                "examples": _refusal_examples(rows),
            }
        },
    }


def _refusal_examples(rows: list[Refusal]) -> dict[str, Any]:
    return {
        row.name: {"summary": row.problem.when, "value": refusal_example(row.problem, row.wire)}
        for row in rows
    }


def _when(rows: list[Refusal]) -> str:
    """What happened, one line a row of the table."""
    lines = {row.problem.id: f"- `{row.problem.id}`: {row.problem.when}" for row in rows}
    return "\n".join(lines.values())


def _envelopes(rows: list[Refusal]) -> Iterator[dict[str, Any]]:
    """One schema an envelope, narrowed to the types and codes that those rows have."""
    by_envelope: defaultdict[Envelope, list[WireError]] = defaultdict(list)
    for row in rows:
        by_envelope[row.wire.envelope].append(row.wire)
    for envelope, wires in by_envelope.items():
        types, codes = ({getattr(wire, word) for wire in wires} - {None} for word in ("type", "code"))
        words: dict[str, Any] = {"code": {"enum": sorted(codes)}} if codes else {}
        words |= {"type": {"enum": sorted(types)}} if types else {}
        narrowed = words if envelope == "e2" else {"error": {"properties": words}}
        yield {
            "allOf": [
                {"$ref": f"{BASE_URI}errors/{envelope}.schema.json"},
                {"properties": narrowed},
            ]
        }
