"""One registry of all schemas, and a cached validator for each.

The schema files say what a value means; the catalogue says which values there are. A schema refers
to the catalogue by paths such as ``../catalogue/sora/values/seconds``: those resources are made
here from the catalogue, so that no allowed value is written twice.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from nebula_schemas.catalogue import Catalogue, Parameter, catalogue
from nebula_schemas.violations import SchemaViolationError, Violation, violations_of

BASE_URI = "https://nebula-video.example/schemas/"
"""The root of every schema's ``$id``. A reserved name: nothing is ever fetched from it."""

_FOLDERS = ("catalogue", "submit", "query", "download", "errors", "files")
_SUFFIX = ".schema.json"
_JSON_TYPES = {"integer": "integer", "boolean": "boolean", "string": "string", "array": "array"}


@dataclass(frozen=True)
class Contract:
    """The schemas together with the catalogue they draw their values from.

    Attributes:
        catalogue: The models and their rules.
    """

    catalogue: Catalogue
    _validators: dict[str, Draft202012Validator] = field(default_factory=dict, repr=False, compare=False)

    @functools.cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """Every schema file by name, such as ``submit/sora`` or ``query/succeeded``."""
        return {name: json.loads(entry.read_text("utf-8")) for name, entry in schema_files()}

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
    yield (
        "catalogue/task-id",
        {"type": "string", "anyOf": [{"pattern": f.task_id.pattern} for f in models.families]},
    )
    for family in models.families:
        root = f"catalogue/{family.name}"
        yield f"{root}/model", {"enum": [model.id for model in family.models]}
        yield f"{root}/task-id", {"type": "string", "pattern": family.task_id.pattern}
        for parameter in family.parameters:
            yield f"{root}/values/{parameter.name}", _documented_values(parameter)


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
