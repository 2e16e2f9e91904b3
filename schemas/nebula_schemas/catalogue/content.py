"""``metadata.content``: the prompt and the pictures of a Seedance request, judged by form."""

from collections.abc import Mapping
from typing import Any

from nebula_schemas.catalogue.coercion import looks_like_image

ROLES = ("first_frame", "last_frame", "reference_image")
"""What a picture may be for (DOC, SRC)."""


def all_content_items(body: Mapping[str, Any]) -> tuple[Any, ...]:
    """The items of ``metadata.content``, of whatever type; empty where the body has no such list."""
    metadata = body.get("metadata")
    content = metadata.get("content") if isinstance(metadata, dict) else None
    return tuple(content) if isinstance(content, list) else ()


def content_items(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The objects among the items of ``metadata.content``."""
    return tuple(item for item in all_content_items(body) if isinstance(item, dict))


def content_item_problem(item: object) -> str | None:
    """What was expected of an item that cannot be used; None for one that can (DOC, SRC).

    A text has text; a picture has a URL or a whole data URI, and perhaps one of three roles.
    """
    if not isinstance(item, dict):
        return "an object"
    if item.get("type") == "text":
        return None if isinstance(item.get("text"), str) else "text of type string"
    if item.get("type") != "image_url":
        return "type text or image_url"
    picture = item.get("image_url")
    url = picture.get("url") if isinstance(picture, dict) else None
    if not isinstance(url, str) or ":" not in url[:8] or not looks_like_image(url):
        return "image_url.url, a public URL or a data URI"
    role = item.get("role")
    return None if role is None or role in ROLES else f"role {', '.join(ROLES)}"
