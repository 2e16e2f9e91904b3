"""Write the reference pages that are made from data: ``docs/reference/*.md``.

    python scripts/reference_pages.py [--check]

``--check`` writes nothing and says which pages are out of date.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from nebula_mock.presets import preset_files
from nebula_schemas.catalogue import Family, Parameter, catalogue
from nebula_schemas.failures import failure_table
from nebula_schemas.problems import WireError, problem_table

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_MADE = "<!-- Made by scripts/reference_pages.py from the data; do not edit. -->"


def pages() -> Mapping[str, str]:
    """Every page by its file name."""
    return {
        "errors.md": _errors(),
        "models.md": _models(),
        "parameters.md": _parameters(),
        "presets.md": _presets(),
    }


def _errors() -> str:
    """The error table, both dialects side by side."""
    rows = []
    for problem in problem_table().values():
        documented, gateway = (problem.answers.get(dialect) for dialect in ("documented", "gateway"))
        rows.append(
            (
                f"`{problem.id}`",
                problem.when,
                ", ".join(problem.operations),
                _wire(documented),
                _wire(gateway),
            )
        )
    head = ("problem", "when", "operations", "documented", "gateway")
    intro = (
        'Every way the provider refuses a request. Envelopes: **e1** `{"error":{message,type,code}}`, **e2** '
        '`{code,message,"data":null}`, **e3** `{"error":{message,type[,details]}}`, **unknown-route** as e1 with '
        "`param`. A dash: that dialect does not refuse it."
    )
    sources = [(f"`{problem.id}`", problem.source) for problem in problem_table().values()]
    return _page("Errors", intro, _table(head, rows), "## Sources", _table(("problem", "source"), sources))


def _wire(wire: WireError | None) -> str:
    if wire is None:
        return "-"
    words = [f"{wire.status} {wire.envelope}", *(f"`{word}`" for word in (wire.type, wire.code) if word)]
    return f"{' '.join(words)}: {wire.message}"


def _models() -> str:
    """The models with prices."""
    rows = [
        (f"`{model.id}`", family.title, ", ".join(model.modes), _price(family, model.id), model.source)
        for family in catalogue().families
        for model in family.models
    ]
    return _page(
        "Models",
        "Every model of the catalogue, with its list price.",
        _table(("model", "family", "modes", "US dollars", "source"), rows),
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
        parts += [f"## {family.title}", _table(head, rows)]
    intro = (
        "What becomes of a value that is not allowed: *default* and *nearest* coerce it, *drop* ignores it, *keep* "
        "passes it on, *reject* refuses the submit. Seedance's names are options in the text, as `--rs 720p`."
    )
    return _page("Parameters", intro, *parts)


def _allowed(parameter: Parameter) -> str:
    if parameter.allowed:
        return ", ".join(f"`{value}`" for value in parameter.allowed)
    bounds = (parameter.minimum, parameter.maximum)
    if bounds == (None, None):
        return parameter.form or "any"
    low, high = ("" if bound is None else str(bound) for bound in bounds)
    return f"{low} to {high}" if high else f"{low} and above"


def _presets() -> str:
    """The scenarios that ship, and the failures that scenarios can name."""
    intro = (
        "Every scenario that ships, by its name; `nebula-mock scenarios NAME` prints one as JSON. "
        "How to choose and write them: [the guide](../guides/scenarios.md)."
    )
    rows = [(f"`{name}`", str(value["description"])) for name, value in preset_files().items()]
    failures = [
        (f"`{one.id}`", one.when, one.message, f"`{one.code}`", one.source)
        for one in failure_table().values()
    ]
    return _page(
        "Scenarios",
        intro,
        _table(("name", "is like"), rows),
        "## Failures",
        "What a task of the outcome `failed` can fail with, by name.",
        _table(("name", "when", "message", "code", "source"), failures),
    )


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", _MADE, *parts]) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


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
