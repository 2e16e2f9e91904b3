"""Whether a JSON body has the form of a schema: asked of a fast validator, told in the words of ours.

Almost every body is valid, and a run has thousands. ``jsonschema-rs`` decides in microseconds; what it refuses is told
by ``nebula_schemas``, which says what was expected and never prints a video.
"""

import functools
import re
from typing import Any

import jsonschema_rs

from nebula_schemas.loader import contract
from nebula_schemas.violations import Violation

_INDEX = re.compile(r"\[(?:\d+)\]")
_QUOTED = re.compile(r"\['((?:[^'\\]|\\.)*)'\]")


@functools.cache
def _registry() -> jsonschema_rs.Registry:
    known = contract().registry
    return jsonschema_rs.Registry([(uri, known[uri].contents) for uri in known])


@functools.cache
def _validator(name: str) -> Any:
    return jsonschema_rs.Draft202012Validator(dict(contract().documents[name]), registry=_registry())


def fits(name: str, body: Any) -> bool:
    """Whether ``body`` has the form of the schema ``name``."""
    try:
        return bool(_validator(name).is_valid(body))
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON may hold and Rust's text may not
        return not contract().violations(name, body)


def violations(name: str, body: Any) -> tuple[Violation, ...]:
    """Every way ``body`` breaks the schema ``name``; empty when it is valid."""
    if fits(name, body):
        return ()
    return contract().violations(name, body)


def pointer_of(json_path: str) -> str:
    """A violation's place as a JSON Pointer with ``[]`` for indexes: ``$.metadata.a[0]`` is ``/metadata/a/[]``."""
    path = _QUOTED.sub(lambda found: "." + found[1].replace("~", "~0").replace("/", "~1"), json_path)
    return _INDEX.sub("/[]", path.removeprefix("$")).replace(".", "/")
