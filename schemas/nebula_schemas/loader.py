"""One registry of all schemas, and a cached validator for each.

The schema files say what a value means; the catalogue and the error tables say which values there are. A schema refers
to the catalogue by paths such as ``../catalogue/sora/values/seconds``: those resources are made
here from the catalogue, so that no allowed value is written twice.
"""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from nebula_schemas.catalogue import DIALECTS, Catalogue, Dialect, Parameter, catalogue
from nebula_schemas.failures import failure_table
from nebula_schemas.problems import problem_table
from nebula_schemas.submit_schemas import submit_schema
from nebula_schemas.violations import SchemaViolationError, Violation, violations_of

BASE_URI = "https://nebula-video.example/schemas/"
"""The root of every schema's ``$id``. A reserved name: nothing is ever fetched from it."""

_FOLDERS = ("catalogue", "submit", "query", "download", "errors", "contradictions", "files", "admin")
_SUFFIX = ".schema.json"
_WIRES = ("sora", "veo", "wan", "seedance")
"""Whose answers there are: the query schemas tell them apart by the form of the task id."""

# The forms a value can have whatever the family. A URL is ASCII without spaces; data are base64; a text is not
# blank: its white space is spelled out, since engines differ on what \s is.
_FORMS: Mapping[str, str] = {
    "image": "^(https?://[!-~]+|oss://[!-~]+|data:image/[A-Za-z0-9.+-]+;base64,[A-Za-z0-9+/]+={0,2}"
    "|[A-Za-z0-9+/]{16,}={0,2})$",
    "remix": "^video_",
    "text": r"[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
}
_JSON_TYPES = {"integer": "integer", "boolean": "boolean", "string": "string", "array": "array"}


@dataclass(frozen=True)
class Contract:
    """The schemas together with the catalogue they draw their values from, in the dialect of the catalogue.

    Attributes:
        catalogue: The models and their rules.
    """

    catalogue: Catalogue
    _validators: dict[str, Draft202012Validator] = field(default_factory=dict, repr=False, compare=False)

    @functools.cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """Every schema by name, such as ``query/succeeded``: the files, and a ``submit/<family>`` for each family.

        A family without a file of its own gets a schema made from its catalogue entry.
        """
        files = {name: json.loads(entry.read_text("utf-8")) for name, entry in schema_files()}
        submits = {f"submit/{family.name}": family for family in self.catalogue.families}
        made = {
            name: submit_schema(self.catalogue, family, files.get(name), BASE_URI)
            for name, family in submits.items()
        }
        return {**files, **made}

    def in_dialect(self, dialect: Dialect) -> "Contract":
        """The same contract as the other dialect has it; the same object each time."""
        return self if dialect == self.catalogue.dialect else self._other

    @functools.cached_property
    def _other(self) -> "Contract":
        (other,) = (dialect for dialect in DIALECTS if dialect != self.catalogue.dialect)
        return Contract(self.catalogue.in_dialect(other))

    @functools.cached_property
    def registry(self) -> Registry[Any]:
        """All schema files, and the resources made from the catalogue, by absolute URI."""
        made = {BASE_URI + path: content for path, content in _catalogue_resources(self.catalogue)}
        files = {document["$id"]: document for document in self.documents.values()}
        return Registry().with_resources(
            (uri, Resource.from_contents(content, default_specification=DRAFT202012))
            for uri, content in {**made, **files}.items()
        )

    def validator(self, name: str) -> Draft202012Validator:
        """The validator of one schema, made once.

        Raises:
            KeyError: No schema has that name; the message lists those there are.
        """
        if name not in self._validators:
            if name not in self.documents:
                message = f"no schema {name!r}; there are: {', '.join(sorted(self.documents))}"
                raise KeyError(message)
            self._validators[name] = Draft202012Validator(self.documents[name], registry=self.registry)
        return self._validators[name]

    def validator_of(self, schema: Mapping[str, Any]) -> Draft202012Validator:
        """A validator of a schema of the caller's own, which may refer to these by address."""
        return Draft202012Validator(schema, registry=self.registry)

    def violations(self, name: str, instance: object) -> tuple[Violation, ...]:
        """Every way ``instance`` breaks the schema, the most telling first; empty when it is valid."""
        return violations_of(self.validator(name), name, instance)

    def check(self, name: str, instance: object) -> None:
        """Nothing, when ``instance`` is valid.

        Raises:
            SchemaViolationError: It is not; the error carries all violations.
        """
        if found := self.violations(name, instance):
            raise SchemaViolationError(found)


@functools.cache
def contract() -> Contract:
    """The contract that ships with this package."""
    return Contract(catalogue())


def schema_files() -> Iterator[tuple[str, Traversable]]:
    """The name and the file of every schema of this package, sorted by name."""
    root = resources.files("nebula_schemas")
    for folder in _FOLDERS:
        for entry in sorted((root / folder).iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith(_SUFFIX):
                yield f"{folder}/{entry.name.removesuffix(_SUFFIX)}", entry


def _catalogue_resources(models: Catalogue) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "catalogue/task-id", _one_of_patterns([family.task_id.pattern for family in models.families])
    loaded = [family.task_id.pattern for family in models.families if family.delivery == "download"]
    yield "catalogue/download-id", _one_of_patterns(loaded)
    yield "catalogue/families", {"enum": [family.name for family in models.families]}
    yield "errors/problem-ids", {"enum": list(problem_table())}
    yield "errors/failure-names", {"enum": list(failure_table())}
    for form, pattern in _FORMS.items():
        yield f"catalogue/forms/{form}", {"type": "string", "pattern": pattern}
    # A family may answer as another does: its task ids then stand under the other's name too.
    for name in dict.fromkeys([*_WIRES, *(family.name for family in models.families)]):
        those = [family for family in models.families if name in (family.name, family.wire)]
        yield f"catalogue/{name}/task-id", _one_of_patterns([family.task_id.pattern for family in those])
    for family in models.families:
        root = f"catalogue/{family.name}"
        yield f"{root}/model", {"enum": [model.id for model in family.models]}
        for parameter in family.parameters:
            yield f"{root}/values/{parameter.name}", _documented_values(parameter)


def _one_of_patterns(patterns: Sequence[str]) -> Mapping[str, Any]:
    """Text that matches one of the patterns; where there is none, nothing does."""
    if not patterns:
        return {"not": {}}
    if len(patterns) == 1:
        return {"type": "string", "pattern": patterns[0]}
    return {"type": "string", "anyOf": [{"pattern": pattern} for pattern in patterns]}


def _documented_values(parameter: Parameter) -> Mapping[str, Any]:
    """The schema of the values a document promises: no coercion needed, type included."""
    types = [_JSON_TYPES[parameter.type]]
    if parameter.type == "integer" and parameter.rounds and "string" in parameter.accepts:
        types.append("string")  # the pages themselves write Sora's seconds as text
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if parameter.allowed:
        spelled = [str(value) for value in parameter.allowed] if len(types) > 1 else []
        schema["enum"] = [*parameter.allowed, *spelled]
    if parameter.minimum is not None:
        schema["minimum"] = parameter.minimum
    if parameter.maximum is not None:
        schema["maximum"] = parameter.maximum
    return schema
