"""Elements of HTML as text: every text is escaped here, and only what is made here is markup."""

from html import escape

VOID = frozenset({"meta", "input", "line", "rect", "circle", "path"})
"""Elements that are written without an end tag; those of SVG close themselves."""


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | float | bool) -> Markup:
    """One element.

    Args:
        name: Its name, ours.
        children: Texts, which are escaped, and ``Markup``, which is not.
        attributes: Their values, escaped; a trailing or inner ``_`` of a name is left out or a dash. ``True`` is an
            attribute without a value, ``False`` none.
    """
    told = "".join(
        f" {_attribute(key)}" if value is True else f' {_attribute(key)}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{told}{' /' if name not in ('meta', 'input') else ''}>")
    return Markup(f"<{name}{told}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Several texts and elements, one after the other."""
    return Markup("".join(one if isinstance(one, Markup) else escape(one) for one in children))


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def code(text: str) -> Markup:
    """A text of a target, as code and set apart from the direction of writing around it."""
    return element("code", text, dir="auto")


def scrolled(table: str, label: str) -> Markup:
    """A table in a region of its own that scrolls where it is too wide, by keys as well."""
    return element("div", table, class_="scrolled", role="region", aria_label=label, tabindex="0")


def table(caption: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], *, class_: str = "") -> Markup:
    """A table whose first column names its rows."""
    head = element("tr", *(element("th", column, scope="col") for column in columns))
    body = [
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
        for first, *rest in rows
    ]
    return scrolled(
        element(
            "table",
            element("caption", caption),
            element("thead", head),
            element("tbody", *body),
            class_=class_ or False,
        ),
        caption,
    )
