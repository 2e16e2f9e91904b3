"""The public names of the client: ``docs/reference/client-api.md``, from signatures and docstrings.

A public argument, attribute or class that no docstring describes, and a description of one that is not
there, stop the page: what it lists is whole.
"""

import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import nebula_client
from docstrings import Docstring, Entry, docstring
from nebula_client import NebulaError, VideoClient
from page_text import page, table

_INTRO = (
    "Every public name of `nebula_client`, all of them importable from there; what is not here may change in any "
    "version. Everything after `*` is given by its name. Names that end in `_s` are seconds, in `_bytes` bytes, in "
    "`_usd` US dollars. [From submit to file](../guides/from-submit-to-file.md) shows how they go together."
)
_ERRORS_INTRO = (
    "One class for each thing a caller would handle differently, and each of them pickles. An attribute stands at the "
    "class that brings it, and those below it have it too."
)
_PARTED = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Z])")  # of a type's full name, what its module is


def client_api_page() -> str:
    """The page."""
    public: list[type[Any]] = [
        one
        for name in nebula_client.__all__
        if isinstance(one := getattr(nebula_client, name), type)  # Verify is shown where it is an argument
    ]
    errors = [one for one in public if issubclass(one, NebulaError)]
    values = [one for one in public if dataclasses.is_dataclass(one)]
    (warning,) = (one for one in public if issubclass(one, Warning))
    left = set(public) - {*errors, *values, warning, VideoClient}
    assert not left, f"no place on the page for {left}"
    return page(
        "The client in Python",
        _INTRO,
        *_client(),
        "## Values",
        "Frozen: what the provider told, and what a client is set up with.",
        *(part for value in values for part in _value(value)),
        "## Errors",
        _ERRORS_INTRO,
        f"```text\n{_tree(NebulaError, errors)}\n```",
        *(part for error in _downwards(NebulaError, errors) for part in _error(error)),
        "## Warnings",
        f"### {warning.__name__}",
        _prose(docstring(warning)),
        "## Version",
        "`__version__` is the version of the package, as text.",
    )


def _client() -> list[str]:
    made: Any = VideoClient.__init__
    setting_up = docstring(made)
    parts = [
        "## VideoClient",
        _prose(docstring(VideoClient)),
        _signature(VideoClient.__name__, made),
        _prose(setting_up),
        *_arguments(made, setting_up),
        _attributes(VideoClient, {}),
    ]
    for name, method in _methods(VideoClient):
        told = docstring(method)
        parts += [f"### {name}", _signature(name, method), _prose(told), *_arguments(method, told)]
    return parts


def _methods(kind: type) -> list[tuple[str, Callable[..., Any]]]:
    """The public methods of a class, in the order of its source."""
    return [(name, one) for name, one in vars(kind).items() if inspect.isfunction(one) and name[0] != "_"]


def _value(kind: type[Any]) -> list[str]:
    told = docstring(kind)
    fields = {one.name: one for one in dataclasses.fields(kind)}
    _same(kind, fields, told.section("Attributes"))
    properties = {
        name: one.fget for name, one in vars(kind).items() if isinstance(one, property) and name[0] != "_"
    }
    rows = [
        (f"`{name}`", _type(fields[name].type), _field_default(fields[name]), _plain(entry.text))
        for name, entry in told.section("Attributes").items()
    ]
    for name, getter in properties.items():
        rows.append((f"`{name}`", _type(_returned(getter)), "(property)", _prose(docstring(getter))))
    parts = [f"### {kind.__name__}", _prose(told), table(("attribute", "type", "default", "is"), rows)]
    for name, method in _methods(kind):
        parts += [_signature(f"{kind.__name__}.{name}", method), _prose(docstring(method))]
    return parts


def _error(kind: type[NebulaError]) -> list[str]:
    """An error with the attributes it brings."""
    told = docstring(kind)
    bases = [base.__name__ for base in kind.__bases__]
    parts = [f"### {kind.__name__}", f"{_prose(told)}\n\nBases: {', '.join(f'`{base}`' for base in bases)}."]
    types_known = {**inspect.get_annotations(kind), **_given_types(kind)}
    return [*parts, *([_attributes(kind, types_known)] if told.section("Attributes") else [])]


def _given_types(kind: type[NebulaError]) -> Mapping[str, Any]:
    """The types of what an error is made from: its attributes have the same names."""
    if "__init__" not in vars(kind):
        return {}
    return {one.name: one.annotation for one in inspect.signature(kind).parameters.values()}


def _attributes(kind: type, types_known: Mapping[str, Any]) -> str:
    rows = []
    for name, entry in docstring(kind).section("Attributes").items():
        found = inspect.getattr_static(kind, name, None)
        known = _returned(found.fget) if isinstance(found, property) else types_known.get(name)
        assert known is not None or entry.type, f"{kind.__name__}.{name} has no type that can be found"
        rows.append((f"`{name}`", f"`{entry.type}`" if entry.type else _type(known), _plain(entry.text)))
    return table(("attribute", "type", "is"), rows)


def _tree(kind: type, among: list[type[NebulaError]], indent: str = "") -> str:
    summary = _plain(docstring(kind).paragraphs[0]).split(". ")[0].removesuffix(".").replace("`", "")
    line = f"{indent}{kind.__name__:<{24 - len(indent)}}{summary}"
    return "\n".join([line, *(_tree(child, among, indent + "  ") for child in _below(kind, among))])


def _below(kind: type, among: list[type[NebulaError]]) -> list[type[NebulaError]]:
    return [one for one in among if one.__bases__[0] is kind]


def _downwards(kind: type[NebulaError], among: list[type[NebulaError]]) -> list[type[NebulaError]]:
    return [kind, *(one for child in _below(kind, among) for one in _downwards(child, among))]


def _arguments(function: Callable[..., Any], told: Docstring) -> list[str]:
    """What stands below a signature: arguments and errors."""
    parameters = [
        f"{_stars(one)}{one.name}"
        for one in inspect.signature(function).parameters.values()
        if one.name != "self"
    ]
    _same(function, parameters, told.section("Args"))
    rows = [(f"`{name}`", _plain(entry.text)) for name, entry in told.section("Args").items()]
    raised = [
        (", ".join(f"`{name}`" for name in names.split(", ")), _plain(entry.text))
        for names, entry in told.section("Raises").items()
    ]
    return [
        *([table(("argument", "is"), rows)] if rows else []),
        *([table(("raises", "when"), raised)] if raised else []),
    ]


def _same(thing: Any, found: Iterable[str], described: Mapping[str, Entry]) -> None:
    """Refuse a docstring that leaves a name out, or describes one that is not there."""
    apart = set(found) ^ set(described)
    assert not apart, f"{thing.__qualname__}: {sorted(apart)} are not both there and described"


def _signature(name: str, function: Callable[..., Any]) -> str:
    """A signature as a block of code, an argument a line where it is long."""
    signature = inspect.signature(function)
    given: list[str] = []
    for one in signature.parameters.values():
        if one.name == "self":
            continue
        if one.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in given:
            given.append("*")
        default = "" if one.default is inspect.Parameter.empty else f" = {_default(one.default)}"
        given.append(f"{_stars(one)}{one.name}: {_type_text(one.annotation)}{default}")
    gives = "" if name == VideoClient.__name__ else f" -> {_type_text(signature.return_annotation)}"
    line = f"{name}({', '.join(given)}){gives}"
    if len(line) > _LONGEST_LINE:
        line = f"{name}(\n{''.join(f'    {one},{chr(10)}' for one in given)}){gives}"
    return f"```text\n{line}\n```"


def _stars(one: inspect.Parameter) -> str:
    return "**" if one.kind is inspect.Parameter.VAR_KEYWORD else ""


_LONGEST_LINE = 100  # characters


def _default(value: object) -> str:
    if isinstance(value, types.BuiltinFunctionType):
        owner = value.__self__
        module = owner.__name__ if isinstance(owner, types.ModuleType) else type(owner).__module__
        return f"{module}.{value.__name__}"
    return repr(value)


def _field_default(one: "dataclasses.Field[Any]") -> str:
    if one.default_factory is not dataclasses.MISSING:
        return "empty"
    return "" if one.default is dataclasses.MISSING else f"`{one.default!r}`"


def _returned(getter: Any) -> Any:
    return inspect.signature(getter).return_annotation


def _type(annotation: Any) -> str:
    return f"`{_type_text(annotation)}`"


def _type_text(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return _PARTED.sub("", text)


def _prose(told: Docstring) -> str:
    return "\n\n".join(map(_plain, told.paragraphs))


def _plain(text: str) -> str:
    """Markdown has single backticks for code."""
    return text.replace("``", "`")
