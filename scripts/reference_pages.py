"""Write the reference pages that are made from data: ``docs/reference/*.md``.

    python scripts/reference_pages.py [--check]

``--check`` writes nothing and says which pages are out of date.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks_page import checks_page
from client_api_page import client_api_page
from client_faults_page import client_faults_page
from dialects_page import dialects_page
from exceptions_page import exceptions_page
from nebula_mock.core.steps import SETTINGS
from nebula_schemas.admin_routes import admin_routes
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Parameter, catalogue
from nebula_schemas.loader import contract
from nebula_schemas.problems import Problem, problem_table
from page_text import page, refusal, table
from presets_page import presets_page
from proofs_page import proofs_page
from rules_page import rules_page

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def pages() -> Mapping[str, str]:
    """Every page by its file name."""
    return {
        "admin.md": _admin(),
        "checks.md": checks_page(),
        "client-api.md": client_api_page(),
        "client-exceptions.md": exceptions_page(),
        "client-faults.md": client_faults_page(),
        "dialects.md": dialects_page(),
        "errors.md": _errors(),
        "faults.md": _faults(),
        "models.md": _models(),
        "parameters.md": _parameters(),
        "presets.md": presets_page(),
        "proofs.md": proofs_page(),
        "rules.md": rules_page(),
    }


def _admin() -> str:
    """The routes of the admin API."""
    rows = [
        (
            f"`{route.method} {route.path}`",
            route.does,
            ", ".join(f"`{name}`" for name in route.query),
            " or ".join(f"`{name}`" for name in route.body),
            f"{route.status} {' or '.join(f'`{name}`' for name in route.answer)}".strip(),
        )
        for route in admin_routes()
    ]
    intro = (
        "Every route of the mock's own API, with the names of the JSON Schemas of its bodies, as `contract()` in "
        "`nebula_schemas` has them. An error is a problem document (RFC 9457), `admin/problem`. What changes something "
        "is sent as `application/json`; pages of other origins are refused. Where the server was started with "
        "`--admin-token`, every request carries it in `X-Nebula-Admin-Token`. `account` is an API key: "
        "`?account=sk-test`. [The guide](../guides/admin.md) shows some of it."
    )
    head = ("route", "does", "query", "body", "answer")
    return page("Admin API", intro, table(head, rows))


def _errors() -> str:
    """The error table, both dialects side by side."""
    rows = [
        (
            f"`{problem.id}`",
            problem.when,
            ", ".join(problem.operations),
            _cause(problem),
            *(_wires(problem, dialect) for dialect in DIALECTS),
        )
        for problem in problem_table().values()
    ]
    head = ("problem", "when", "operations", "cause", "documented", "gateway")
    intro = (
        'Every way the provider refuses a request. Envelopes: **e1** `{"error":{message,type,code}}`, **e2** '
        '`{code,message,"data":null}`, **e3** `{"error":{message,type[,details]}}`, **unknown-route** as e1 with '
        "`param`. A dash: that dialect does not refuse it. Causes: the consumer's request, how the account is set up, "
        "the provider's own trouble; *shadowed*, another check answers first. What the upstream refuses comes after every "
        "check of the provider, the balance included."
    )
    sources = [(f"`{problem.id}`", problem.source) for problem in problem_table().values()]
    return page("Errors", intro, table(head, rows), "## Sources", table(("problem", "source"), sources))


def _cause(problem: Problem) -> str:
    return f"{problem.cause}, by the upstream" if problem.by_upstream else problem.cause


def _wires(problem: Problem, dialect: Dialect) -> str:
    """The dialect's words, and those of families with words of their own."""
    own = (
        f"{family}: {refusal(wire)}"
        for (spoken, family), wire in problem.by_family.items()
        if spoken == dialect
    )
    plain = refusal(problem.answers[dialect]) if dialect in problem.answers else "-"
    return "<br>".join([plain, *own])


def _faults() -> str:
    """The faults, from their schema."""
    kinds = contract().documents["files/fault"]["$defs"]
    rows = [
        (
            f"`{name}`",
            kind["description"],
            "<br>".join(
                f"`{member}`: {rule['description']}{_one_of(rule)}"
                for member, rule in kind["properties"].items()
                if member != "fault"
            ),
            _step(name, kind),
        )
        for name, kind in kinds.items()
    ]
    intro = (
        "Every fault that a script or a rule of a scenario can bring about, with its settings; `files/fault.schema.json` "
        "says which may stand together. The last column is the fault as one step of a script, as in "
        '`mock.faults.script("query", ["reset after 1024", "ok"])`. [The guide](../guides/faults.md) shows how they are used.'
    )
    return page("Faults", intro, table(("fault", "does", "settings", "as a step"), rows))


def _one_of(rule: Mapping[str, Any]) -> str:
    return f" One of {', '.join(f'`{value}`' for value in rule['enum'])}." if "enum" in rule else ""


def _step(name: str, kind: Mapping[str, Any]) -> str:
    """The fault as a text, with a setting where one can stand in it."""
    if name in _WIRE_STEPS:
        return f"`{_WIRE_STEPS[name]}`"
    if name not in SETTINGS:
        return f"`{name}`"
    member, _ = SETTINGS[name]
    rule = kind["properties"][member]
    example = rule["examples"][-1] if "enum" not in rule else rule["enum"][1]
    return f"`{name} {example}`"


_WIRE_STEPS = {
    "http": "http 503",
    "reset": "reset after 1024",
    "truncate": "truncate at 50%",
    "stall": "stall at 1024 for 30",
    "drip": "drip 200/s",
    "bandwidth": "bandwidth 100000/s",
}


def _models() -> str:
    """The models with prices."""
    rows = [
        (
            f"`{model.id}`",
            family.title,
            ", ".join(model.modes),
            ", ".join(model.dialects),
            _price(family, model.id),
            model.source,
        )
        for family in catalogue().in_dialect("gateway").families  # which knows the documented ones too
        for model in family.models
    ]
    return page(
        "Models",
        "Every model of the catalogue, with its list price.",
        table(("model", "family", "modes", "dialects", "US dollars", "source"), rows),
    )


def _price(family: Family, model_id: str) -> str:
    price = family.model(model_id).price
    unit = {"second": "a second", "million_tokens": "a million tokens"}[price.per]
    by = f" by {price.by}" if price.by else ""
    amounts = ", ".join(f"{key}: {usd}" if key else str(usd) for key, usd in price.usd.items())
    times = f", times {price.times}" if price.times else ""
    return f"{amounts} {unit}{by}{times}"


def _parameters() -> str:
    """The parameters per family and what becomes of other values."""
    parts = []
    for family in catalogue().families:
        rows = [
            (
                ", ".join(f"`{name}`" for name in (parameter.inline or parameter.names)),
                parameter.type,
                _allowed(parameter),
                "" if parameter.default is None else f"`{parameter.default}`",
                f"{parameter.outside}; another type: {parameter.wrong_type}",
                parameter.source,
            )
            for parameter in family.parameters
        ]
        head = ("names", "type", "allowed", "default", "other values", "source")
        parts += [f"## {family.title}", table(head, rows)]
    intro = (
        "As documented; what the gateway does otherwise stands in [dialects.md](dialects.md). What becomes of a value that is not allowed: *default* and *nearest* coerce it, *drop* ignores it, *keep* "
        "passes it on, *reject* refuses the submit. Seedance's names are options in the text, as `--rs 720p`."
    )
    return page("Parameters", intro, *parts)


def _allowed(parameter: Parameter) -> str:
    if parameter.allowed:
        return ", ".join(f"`{value}`" for value in parameter.allowed)
    bounds = (parameter.minimum, parameter.maximum)
    if bounds == (None, None):
        return parameter.form or "any"
    low, high = ("" if bound is None else str(bound) for bound in bounds)
    return f"{low} to {high}" if high else f"{low} and above"


def main() -> int:
    """Write the pages, or say which are stale; 1 when some are."""
    stale = [
        name
        for name, text in pages().items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/reference/{name} is out of date; run python scripts/reference_pages.py")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
