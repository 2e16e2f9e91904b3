"""Values of single parameters, from the catalogue's rules: documented ones, and others that no dialect refuses."""

import string
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from nebula_contract.sending.bodies import AUDIO_URL, IMAGE_DATA, IMAGE_URL, INLINE
from nebula_contract.sending.rules import UnknownRuleError
from nebula_schemas.catalogue import DIALECTS, Dialect, Family, Parameter, catalogue
from nebula_schemas.catalogue.coercion import WHITE_SPACE

_LONGEST_PROMPT, _LARGEST = 200, 2**31 - 1
_MANY = 10**6


# Any text at all would do; a list of letters is drawn from without the second it takes to read all of Unicode.
_LETTERS = (
    string.ascii_letters
    + string.digits
    + string.punctuation
    + " \t\n\r\x00\x1c\x1f\x7f\x85\xa0\xad\u200b\u200d\u2028\u202e\u3000\ufeff\ufffd\uffff"
    + "\u0301\u0327\u05d0\u0634\u0939\u4eff\u732b\u30cd\uac00\xdf\xe9\xf1\u0130\u0131\u01c5\u2126\u212b"
    + "\U0001f98a\U0001f30c\U0001f468\U0001f3fd\U00010400\U000e0041\U0010ffff"
)


def texts(least: int = 0, most: int = 20) -> st.SearchStrategy[str]:
    """Texts of letters from everywhere, among them those that are easily lost on the way."""
    return st.text(_LETTERS, min_size=least, max_size=most)


prompts: st.SearchStrategy[str] = st.one_of(
    st.sampled_from(
        ("A cat", "猫", "🦊🌌", "a\u0301\u200d", "\u202eright to left", "x" * 3000, "\x1c", '"', "\\n")
    ),
    texts(1, _LONGEST_PROMPT).filter(lambda text: bool(text.strip(WHITE_SPACE)) and INLINE not in text),
)
"""Any text that is not blank; without two dashes, which begin an option of Seedance."""

junk: st.SearchStrategy[Any] = st.one_of(
    texts(),
    st.integers(-_MANY, _MANY),
    st.sampled_from((10**30, -1, 0, 1e308, 7.6, 0.5, "08", " 8", "8.0", "NaN", [None], [[]], {"a": 1})),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
)
"""A value no document promises anything about."""


def _in_dialects(family: Family, parameter: Parameter) -> list[Parameter]:
    """The parameter as each dialect has it."""
    families = (catalogue().in_dialect(one).family(family.name) for one in DIALECTS)
    return [one for other in families for one in other.parameters if one.name == parameter.name]


def names_of(parameter: Parameter) -> tuple[str, ...]:
    """Every name under which the documented dialect reads it, as ``submit_body`` takes them."""
    if parameter.inline:
        return (*(f"{INLINE}{name}" for name in parameter.inline), *parameter.plain)
    return parameter.names


def names_for(family: Family, parameter: Parameter, value: object) -> st.SearchStrategy[str]:
    """The names under which ``value`` can be given: not those whose JSON type some dialect checks, of another type."""
    typed = {name: kind for one in DIALECTS for name, kind in _typed_fields(family, one).items()}
    names = [one for one in names_of(parameter) if one not in typed or _is_number(value, typed[one])]
    return st.sampled_from(names)


def _typed_fields(family: Family, dialect: Dialect) -> Mapping[str, str]:
    return catalogue().in_dialect(dialect).family(family.name).typed_fields


def _is_number(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (kind == "number" and isinstance(value, float))


def documented_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values that a document promises, in every documented type and spelling."""
    if parameter.form == "image":
        pictures = st.sampled_from([IMAGE_URL, IMAGE_DATA, "http://images.example.com/a/b.jpg?x=1"])
        return pictures.map(lambda one: [one]) if parameter.type == "array" else pictures
    if parameter.allowed:
        plain: st.SearchStrategy[Any] = st.sampled_from(parameter.allowed)
        folded = plain.map(str).map(str.upper) if parameter.fold_case else plain
        others = st.sampled_from([*parameter.spellings]) if parameter.spellings else plain
        return st.one_of(plain, _as_text(parameter, plain), folded, others)
    if parameter.type == "integer":
        numbers = st.integers(
            parameter.minimum or 0, _LARGEST if parameter.maximum is None else parameter.maximum
        )
        return st.one_of(numbers, _as_text(parameter, numbers))
    if parameter.type == "boolean":
        spelt = st.sampled_from(
            ["true", "false", "yes", "no", "1", "0"] if "string" in parameter.accepts else [True]
        )
        counted = st.sampled_from([0, 1] if "number" in parameter.accepts else [False])
        return st.one_of(st.booleans(), spelt, counted)
    if parameter.type == "string" and parameter.form is None:
        return st.just(AUDIO_URL) if parameter.name.endswith("_url") else texts(1)
    raise UnknownRuleError(f"{parameter.name}: found type {parameter.type} in the form {parameter.form}")


def _as_text(parameter: Parameter, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values.map(str) if "string" in parameter.accepts else values


def other_values(family: Family, parameter: Parameter) -> st.SearchStrategy[Any] | None:
    """Values outside the documented ones that no dialect refuses; None where there are none."""
    rules = _in_dialects(family, parameter)
    if parameter.form == "remix":
        return st.text("abcdefgh-", min_size=1, max_size=12)  # without the form of an id it is dropped
    strict = [one for one in rules if one.outside == "reject"]
    if any(one.wrong_type == "reject" for one in rules):
        if parameter.form == "image" or parameter.type in {"boolean", "array"}:
            return None
        if parameter.type == "string":
            return texts(1)
        low = max((one.minimum or 0 for one in strict), default=-_MANY)
        return st.integers(low, min((one.maximum or _MANY for one in strict), default=_MANY))
    words = st.text("abcxyz_0189.", min_size=1, max_size=12)  # an inline option ends at white space
    return words if parameter.inline else junk
