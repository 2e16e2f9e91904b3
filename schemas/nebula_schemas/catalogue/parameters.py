"""One request parameter and the provider's rules for it, as a frozen value. Field names follow ``family.schema.json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Outside = Literal["default", "nearest", "drop", "keep", "reject"]
"""What becomes of a value outside the allowed ones."""


def nothing() -> Mapping[str, Any]:
    """An empty mapping, as a default."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One request parameter and the provider's rules for its value.

    Attributes:
        name: As the provider spells it.
        type: JSON type of the value once read: integer, string, boolean or array.
        aliases: Other names, read in this order when ``name`` is absent, null or empty.
        accepts: JSON types also read (``string``, ``number``), besides ``type`` itself.
        rounds: Whether a fraction is rounded (half to even) rather than cut. Such a number is compared as the
            text it is rendered as, so that of texts only "8" is 8, not "08".
        allowed: The allowed values; empty when bounds or nothing restrict the value.
        groups: Allowed values by group, when the catalogue groups them (Wan's price tiers).
        minimum: Smallest value, inclusive; None where unbounded.
        maximum: Largest value, inclusive; None where unbounded.
        default: Used when absent; None where there is none.
        outside: What becomes of a value of the right type that is not allowed.
        wrong_type: What becomes of a value that cannot be read as ``type``.
        spellings: Other spellings of allowed values.
        contains: Fragment to value: a string holding the fragment is read as the value.
        fold_case: Whether letter case is ignored.
        form: ``image`` (URL, data URI, base64) or ``remix`` (an id of a finished task).
        inline: Names as ``--name value`` options inside the prompt text (Seedance).
        modes: The modes the parameter belongs to; empty for all.
        required_modes: The modes in which it must be given.
        required_dialects: The dialects in which that is enforced.
        required_or: The parameter that may be given instead, or None.
        part_of: The parameter this one is a part of (``width`` of ``size``).
        joined_from: Fields that, joined by ``joined_with``, stand in when it is absent.
        joined_with: The separator of ``joined_from``.
        mapped_from: A field whose value, through ``mapped_to``, stands in when it is absent.
        mapped_to: Values of that field to values of this parameter.
        reads: The names that are read, where they are not ``name`` and its aliases.
        alone: Names that are read only when the body has no other parameter at its top (Veo).
        plain: Names at the top of the body, read where no inline option is given (Seedance).
        at: The object it is read from: the body, or its ``metadata``.
        models: The models it belongs to; empty for all.
        ignored_with: The parameter beside which it has no effect, or None.
        zero_is_absent: Whether 0 stands for not given.
        problem: The row of the error table that a value outside meets where ``outside`` is reject.
        largest_image: Bytes of the largest inline image, and ``problem_too_large`` for one beyond.
        problem_too_large: As said.
        in_form: Its rules in a multipart form, where they differ.
        source: Where the rule comes from, in the marks PAGE, DOC, SRC, INF.
    """

    name: str
    type: Literal["integer", "string", "boolean", "array"]
    outside: Outside
    wrong_type: Outside
    source: str
    aliases: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    rounds: bool = False
    allowed: tuple[int | str, ...] = ()
    groups: Mapping[str, tuple[int | str, ...]] = field(default_factory=nothing)
    minimum: int | None = None
    maximum: int | None = None
    default: int | str | bool | None = None
    spellings: Mapping[str, str] = field(default_factory=nothing)
    contains: Mapping[str, str] = field(default_factory=nothing)
    fold_case: bool = False
    form: Literal["image", "remix"] | None = None
    inline: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    required_modes: tuple[str, ...] = ()
    required_dialects: tuple[str, ...] = ()
    required_or: str | None = None
    part_of: str | None = None
    joined_from: tuple[str, ...] = ()
    joined_with: str = ""
    mapped_from: str | None = None
    mapped_to: Mapping[str, str] = field(default_factory=nothing)
    reads: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    at: Literal["body", "metadata"] = "body"
    models: tuple[str, ...] = ()
    ignored_with: str | None = None
    zero_is_absent: bool = False
    problem: str | None = None
    largest_image: int | None = None
    problem_too_large: str | None = None
    in_form: "Parameter | None" = None

    @property
    def names(self) -> tuple[str, ...]:
        """Its names in a body, in the order they are read."""
        return self.reads or (self.name, *self.aliases)

    def belongs_to(self, modes: tuple[str, ...], model: str) -> bool:
        """Whether it has an effect on a model of that id and those modes."""
        return (not self.modes or bool(set(self.modes) & set(modes))) and (
            not self.models or model in self.models
        )

    def group_of(self, value: object) -> str | None:
        """The group an allowed value belongs to, or None."""
        return next((group for group, members in self.groups.items() if value in members), None)
