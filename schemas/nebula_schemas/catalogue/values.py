"""What the catalogue holds, as frozen values. Field names follow ``family.schema.json``."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

Dialect = Literal["documented", "gateway"]
"""``documented``: as the provider's pages say. ``gateway``: as its published server source behaves."""

Outside = Literal["default", "nearest", "drop", "keep", "reject"]
"""What becomes of a value outside the allowed ones."""


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One request parameter and the provider's rules for its value.

    Attributes:
        name: As the provider spells it.
        type: JSON type of the value once read: integer, string, boolean or array.
        aliases: Other names, read in this order when ``name`` is absent, null or empty.
        accepts: JSON types also read (``string``, ``number``), besides ``type`` itself.
        rounds: Whether a fraction is rounded (half to even) rather than cut.
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
    groups: Mapping[str, tuple[int | str, ...]] = field(default_factory=_nothing)
    minimum: int | None = None
    maximum: int | None = None
    default: int | str | bool | None = None
    spellings: Mapping[str, str] = field(default_factory=_nothing)
    contains: Mapping[str, str] = field(default_factory=_nothing)
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
    mapped_to: Mapping[str, str] = field(default_factory=_nothing)

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases, in the order they are read."""
        return (self.name, *self.aliases)

    def group_of(self, value: object) -> str | None:
        """The group an allowed value belongs to, or None."""
        return next((group for group, members in self.groups.items() if value in members), None)


@dataclass(frozen=True, slots=True)
class Price:
    """What a succeeded task costs, in US dollars.

    Attributes:
        per: ``second`` of video, or ``million_tokens`` (width x height x fps x seconds / 1024).
        usd: The price of one unit; the key is the value of ``by``, or ``""`` when nothing decides.
        by: The parameter (or ``tier``) whose value picks the price.
        times: The parameter that multiplies it (Veo's ``sampleCount``).
        source: Where the figure comes from.
    """

    per: Literal["second", "million_tokens"]
    usd: Mapping[str, Decimal]
    source: str
    by: str | None = None
    times: str | None = None


@dataclass(frozen=True, slots=True)
class VideoRule:
    """How the result's frame size, frame rate and duration follow from the parameters.

    Attributes:
        fps: Frames per second, or the name of the parameter that sets them.
        duration: Name of the parameter that sets the duration in seconds.
        size_parameter: The parameter whose value is the frame size, or None.
        size_table: The frame size table, or None; ``size_rows`` and ``size_columns`` are the
            parameters that pick its row and column.
    """

    fps: int | str
    duration: str
    size_parameter: str | None = None
    size_table: str | None = None
    size_rows: str | None = None
    size_columns: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model id of a family.

    Attributes:
        id: As sent in ``model``.
        modes: What it can do: t2v, i2v, v2v (remix), first-last, reference.
        price: How a task of this model is priced.
        video: How its result's dimensions follow from the parameters.
        defaults: Defaults that differ from the family's.
        fixed: Parameters the caller cannot change, with their value.
        tier: The parameter that decides the price tier, or None.
        source: Where the id comes from.
    """

    id: str
    modes: tuple[str, ...]
    price: Price
    video: VideoRule
    source: str
    defaults: Mapping[str, Any] = field(default_factory=_nothing)
    fixed: Mapping[str, Any] = field(default_factory=_nothing)
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class TaskIdForm:
    """How a family's task ids are made and recognised.

    Attributes:
        template: Text with ``{hex:N}``, ``{serial:N}``, ``{uuid4}``, ``{date}`` and ``{model}``.
        pattern: Regular expression every id of the family matches.
        example: One id, for documents and tests.
        encoding: ``base64url`` when the filled template is encoded (unpadded), else None.
    """

    template: str
    pattern: str
    example: str
    encoding: Literal["base64url"] | None = None

    def matches(self, task_id: str) -> bool:
        """Whether ``task_id`` has this form."""
        return re.fullmatch(self.pattern, task_id) is not None


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models that share parameters, id form, statuses and delivery.

    Attributes:
        name: ``sora``, ``veo``, ``wan`` or ``seedance``.
        title: For people.
        delivery: ``download`` (a JSON body with base64) or ``url`` (in the query answer).
        task_id: The form of its task ids.
        statuses: Wire statuses in order, per dialect; the last two are the terminal ones.
        prompt_at: ``prompt``, or ``metadata.content`` (Seedance).
        task_kept_s: Seconds after its end that a task is known.
        url_valid_s: Seconds after its end that a task's result URL works.
        models: Its models, in catalogue order.
        parameters: Its parameters, in catalogue order.
        frame_sizes: Tables: row value to frame size, or to column value to frame size.
    """

    name: str
    title: str
    delivery: Literal["download", "url"]
    task_id: TaskIdForm
    statuses: Mapping[str, tuple[str, ...]]
    prompt_at: Literal["prompt", "metadata.content"]
    task_kept_s: int
    url_valid_s: int
    models: tuple[Model, ...]
    parameters: tuple[Parameter, ...]
    frame_sizes: Mapping[str, Any] = field(default_factory=_nothing)

    def model(self, model_id: str) -> Model:
        """The model of that id; KeyError when the family has none."""
        for model in self.models:
            if model.id == model_id:
                return model
        raise KeyError(model_id)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError when the family has none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


@dataclass(frozen=True)
class Catalogue:
    """All families, in a fixed order."""

    families: tuple[Family, ...]

    @functools.cached_property
    def family_of_model(self) -> Mapping[str, Family]:
        """Every model id to its family."""
        return {model.id: family for family in self.families for model in family.models}

    def family(self, name: str) -> Family:
        """The family of that name; KeyError when there is none."""
        for family in self.families:
            if family.name == name:
                return family
        raise KeyError(name)

    def family_of_task(self, task_id: str) -> Family | None:
        """The family whose id form ``task_id`` has, or None."""
        return next((family for family in self.families if family.task_id.matches(task_id)), None)
