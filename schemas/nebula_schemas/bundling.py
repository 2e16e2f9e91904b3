"""From many schemas that refer to each other by address to one document that refers to itself alone."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urldefrag, urljoin

from referencing import Registry

COMPONENTS = "#/components/schemas/"

# Members that give a schema an address of its own, against which its references would be read.
_ADDRESSES = ("$id", "$schema")


def bundled(document: Mapping[str, Any], registry: Registry[Any], base_uri: str) -> dict[str, Any]:
    """``document`` with every schema it needs under ``components/schemas``.

    Pure. A ``$ref`` to an address of the registry becomes one to the component; what that schema
    refers to is taken along. References inside the document stay as they are.

    Args:
        document: An OpenAPI document whose ``$ref`` are absolute addresses or begin with ``#``.
        registry: Every schema by its address.
        base_uri: What all addresses begin with; the rest of one is the name of its component.

    Raises:
        referencing.exceptions.NoSuchResource: A reference leads nowhere.
        ValueError: Two addresses come to one name.
    """
    taken: dict[str, Any] = {}
    home: dict[str, str] = {}
    result: dict[str, Any] = _rewritten(document, "", base_uri)
    waiting = list(_addresses(document, "", base_uri))
    while waiting:
        address = waiting.pop()
        name = component_name(address, base_uri)
        if home.setdefault(name, address) != address:
            message = f"{address} and {home[name]} both come to the component {name!r}; rename one."
            raise ValueError(message)
        if name in taken:
            continue
        contents = registry.contents(address)
        waiting += _addresses(contents, address, base_uri)
        bare = {word: value for word, value in contents.items() if word not in _ADDRESSES}
        taken[name] = _rewritten(bare, address, base_uri)
    components = result.get("components", {})
    schemas = {**components.get("schemas", {}), **dict(sorted(taken.items()))}
    return {**result, "components": {**components, "schemas": schemas}}


def component_name(address: str, base_uri: str) -> str:
    """The legal name of a schema in a document, such as ``query-succeeded``."""
    return address.removeprefix(base_uri).removesuffix(".schema.json").replace("/", "-")


def _rewritten(value: Any, base: str, base_uri: str) -> Any:
    if isinstance(value, list):
        return [_rewritten(one, base, base_uri) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        word: _component_ref(one, base, base_uri) if _is_ref(word, one) else _rewritten(one, base, base_uri)
        for word, one in value.items()
    }


def _component_ref(reference: str, base: str, base_uri: str) -> str:
    address, pointer = urldefrag(urljoin(base, reference))
    if not address.startswith(base_uri):
        return reference
    return f"{COMPONENTS}{component_name(address, base_uri)}{pointer}"


def _addresses(value: Any, base: str, base_uri: str) -> Iterator[str]:
    """Every address that a document or schema refers to."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from _addresses(one, base, base_uri)
    elif isinstance(value, Mapping):
        for word, one in value.items():
            if _is_ref(word, one):
                address = urldefrag(urljoin(base, one)).url
                if address.startswith(base_uri):
                    yield address
            else:
                yield from _addresses(one, base, base_uri)


def _is_ref(word: str, value: object) -> bool:
    return word == "$ref" and isinstance(value, str)
