"""Both dialects side by side: ``docs/reference/dialects.md``, with answers that the mock really gives."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nebula_mock import Failure, ManualClock, Plan, Settings, create_app
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Parameter, catalogue
from nebula_schemas.contradicting import contradiction_table
from nebula_schemas.problems import WireError, problem_table
from page_text import page, refusal, table

_GENERATIONS = "/v1/video/generations"
_KEY = {"Authorization": "Bearer sk-example"}
_MOMENT = 1_763_812_805.0  # 2025-11-22T12:00:05Z, five seconds after a pass of the gateway's poller
_ASKED_AFTER_S = (0, 12, 30, 60)
_LEAST: Mapping[str, Mapping[str, Any]] = {
    "seedance": {
        "model": "doubao-seedance-1-0-pro-250528",
        "metadata": {"content": [{"type": "text", "text": "A cat"}]},
    },
    "sora": {"model": "sora-2", "prompt": "A cat"},
    "veo": {"model": "veo-3.1-generate-preview", "prompt": "A cat"},
    "wan": {"model": "wan2.5-t2v-preview", "prompt": "A cat"},
}
# Which facts of a parameter a reader of the page cares for, in words.
_RULES = {
    "names": "names",
    "alone": "names read only where nothing stands beside them",
    "plain": "names at the top of the body",
    "allowed": "allowed",
    "minimum": "least",
    "maximum": "most",
    "default": "default",
    "outside": "other values",
    "zero_is_absent": "0 is none",
    "problem": "refused as",
}


def dialects_page() -> str:
    """The page."""
    parts = ["## Contradictions of the sources", _contradictions(), "## Parameters", _parameters()]
    parts += ["## Refusals that differ", _refusals()]
    for family in catalogue().families:
        parts += [f"## Answers: {family.title}", *_answers(family)]
    parts += ["## Answers: refused", *_refused()]
    intro = (
        "What the provider's documents say and what its published server source does, side by side. "
        "`--dialect` chooses; the schemas take both. The answers below are the mock's own, with seed 1 and its "
        "clock at 2025-11-22T12:00:05Z; every task waits 20 s and runs 20 s."
    )
    return page("Dialects", intro, *parts)


def _contradictions() -> str:
    rows = [
        (
            str(row.number),
            f"{row.matter} *{row.note}*" if row.note else row.matter,
            f"{row.documented.says} ({row.documented.source})",
            f"{row.gateway.says} ({row.gateway.source})",
            row.kind,
            "<br>".join(f"`{place}`" for place in row.held_in),
        )
        for row in contradiction_table().values()
    ]
    return table(("#", "matter", "documented", "gateway", "kind", "held in"), rows)


def _parameters() -> str:
    rows = []
    for documented, gateway in zip(
        *(catalogue().in_dialect(name).families for name in DIALECTS), strict=True
    ):
        others = {parameter.name: parameter for parameter in gateway.parameters}
        rows += [
            (documented.name, f"`{one.name}`", *sides)
            for one in documented.parameters
            if (sides := _differences(one, others.get(one.name))) is not None
        ]
        if documented.metadata_values != gateway.metadata_values:
            both = (family.metadata_values or "not read" for family in (documented, gateway))
            rows.append((documented.name, "`metadata`", *both))
        rows += [
            (documented.name, f"`{name}`", "not looked at", f"must be of JSON type {kind}")
            for name, kind in gateway.typed_fields.items()
        ]
    return table(("family", "parameter", "documented", "gateway"), rows)


def _differences(documented: Parameter, gateway: Parameter | None) -> tuple[str, str] | None:
    """What each dialect says of a parameter where the other says something else; None where they agree."""
    if gateway is None:
        return "read", "not read"
    names = [name for name in _RULES if getattr(documented, name) != getattr(gateway, name)]
    if not names:
        return None
    return _told(documented, names), _told(gateway, names)


def _told(parameter: Parameter, names: list[str]) -> str:
    return "; ".join(f"{_RULES[name]}: {_value(getattr(parameter, name))}" for name in names)


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value) or "none"
    return "none" if value is None else "yes" if value is True else "no" if value is False else f"`{value}`"


def _refusals() -> str:
    rows = []
    for problem in problem_table().values():
        forms: set[tuple[str, str | None]] = {(problem.id, None)}
        forms |= {(problem.id, family) for _, family in problem.by_family}
        for _, family in sorted(forms, key=lambda form: form[1] or ""):
            documented, gateway = (
                problem.answer(name, family) if name in problem.answers else None for name in DIALECTS
            )
            if documented != gateway:
                label = f"`{problem.id}`" + (f" ({family})" if family else "")
                rows.append((label, _refusal(documented), _refusal(gateway)))
    return table(("problem", "documented", "gateway"), rows)


def _refusal(wire: WireError | None) -> str:
    return "not refused" if wire is None else refusal(wire)


class _Asked:
    """A provider of a dialect, and the answers it gives."""

    def __init__(self, dialect: Dialect, failure: Failure | None = None) -> None:
        settings = Settings(dialect=dialect, clock="manual", seed=1, plan=Plan(20, 20, failure))
        self.clock = ManualClock(_MOMENT)
        self._client = create_app(settings, provider=settings.provider(self.clock)).test_client()

    def submit(self, body: Mapping[str, Any]) -> Any:
        """The body of the answer to a submit."""
        return self._client.post(_GENERATIONS, json=dict(body), headers=_KEY).get_json()

    def get(self, path: str, headers: Mapping[str, str] = _KEY) -> tuple[int, Any]:
        """Status and body of the answer to a GET; the id of the request, which is drawn freely, left out."""
        answer = self._client.get(_GENERATIONS + path, headers=dict(headers))
        text = re.sub(r"\(request id: [^)]*\)", "(request id: ...)", answer.get_data(as_text=True))
        return answer.status_code, json.loads(text)


def _answers(family: Family) -> Iterator[str]:
    body = _LEAST[family.name]
    yield f"`POST {_GENERATIONS}` {_inline(body)}"
    submits: dict[str, Any] = {}
    queries: dict[str, dict[Dialect, Any]] = {}
    for dialect in DIALECTS:
        for failure in (None, Failure("refused by policy")):
            asked = _Asked(dialect, failure)
            submits[dialect] = asked.submit(body)
            before = 0
            for after_s in _ASKED_AFTER_S:
                asked.clock.advance(after_s - before)
                before = after_s
                _, told = asked.get(f"/{submits[dialect]['task_id']}")
                queries.setdefault(told["status"], {}).setdefault(dialect, told)
    yield _pair("submit", {dialect: submits[dialect] for dialect in DIALECTS})
    order = ("submitted", "unknown", "queued", "in_progress", "succeeded", "failed")
    for status in sorted(queries, key=order.index):
        yield _pair(f"query: {status}", queries[status])


def _refused() -> Iterator[str]:
    cases: tuple[tuple[str, str, Mapping[str, str]], ...] = (
        ("unknown task", "/video_00000000000000000000000000000000", _KEY),
        ("missing key", "/video_00000000000000000000000000000000", {}),
    )
    for title, path, headers in cases:
        answers = {dialect: _Asked(dialect).get(path, headers) for dialect in DIALECTS}
        codes = ", ".join(f"{dialect} {status}" for dialect, (status, _) in answers.items())
        yield _pair(f"{title}: {codes}", {dialect: told for dialect, (_, told) in answers.items()})


def _pair(title: str, bodies: Mapping[Any, Any]) -> str:
    parts = [f"### {title}"]
    for dialect in DIALECTS:
        if dialect in bodies:
            text = json.dumps(bodies[dialect], indent=2, ensure_ascii=False)
            parts.append(f"{dialect}:\n\n```json\n{text}\n```")
        else:
            parts.append(f"{dialect}: never")
    return "\n\n".join(parts)


def _inline(body: Mapping[str, Any]) -> str:
    return f"`{json.dumps(body, ensure_ascii=False)}`"
