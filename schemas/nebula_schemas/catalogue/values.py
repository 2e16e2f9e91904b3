"""What the catalogue holds, as frozen values. Field names follow ``family.schema.json``."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from nebula_schemas.catalogue.parameters import Parameter, nothing

Dialect = Literal["documented", "gateway"]
"""``documented``: as the provider's pages say. ``gateway``: as its published server source behaves."""

DIALECTS: tuple[Dialect, ...] = ("documented", "gateway")


@dataclass(frozen=True, slots=True)
class Price:
    """What a succeeded task costs, in US dollars.

    Attributes:
        per: ``second`` of video, or ``million_tokens`` (width x height x fps x seconds / 1024).
        usd: The price of one unit; the key is the value of ``by``, or ``""`` when nothing decides.
        by: The parameter (or ``tier``) whose value picks the price.
        times: The parameter that multiplies it (Veo's ``sampleCount``).
        source: Where the figure comes from.
        billed_as_is: Durations in seconds that are billed as they are; empty for all.
        billed_else: The seconds billed for any other duration.
    """

    per: Literal["second", "million_tokens"]
    usd: Mapping[str, Decimal]
    source: str
    by: str | None = None
    times: str | None = None
    billed_as_is: tuple[int, ...] = ()
    billed_else: int = 0

    def billed_seconds(self, duration_s: int) -> int:
        """The seconds that a video of ``duration_s`` seconds is billed for."""
        return duration_s if not self.billed_as_is or duration_s in self.billed_as_is else self.billed_else


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
        dialects: The dialects that know it.
        form_values: Parameter to its allowed values in a multipart form, where they are the model's own.
    """

    id: str
    modes: tuple[str, ...]
    price: Price
    video: VideoRule
    source: str
    defaults: Mapping[str, Any] = field(default_factory=nothing)
    fixed: Mapping[str, Any] = field(default_factory=nothing)
    tier: str | None = None
    dialects: tuple[Dialect, ...] = DIALECTS
    form_values: Mapping[str, tuple[int | str, ...]] = field(default_factory=nothing)


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
        name: Short name, such as ``sora``.
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
        wire: Whose answers its answers look like: ``sora``, ``veo``, ``wan`` or ``seedance``.
        data_uri_valid_s: Seconds after its end that a result is given as a data URI, where it can be
            (Veo); 0 where it never is.
        problems: The rows of the error table that its own refusals meet: ``wrong_type``, ``no_prompt``.
        submit_media: The content types a submit may have.
        metadata_values: What ``metadata`` does for parameters at the top of the body: nothing
            (None), ``merged`` (it fills in what is not given there) or ``alone`` (only where
            nothing is given there).
        typed_fields: Fields that are no parameters but whose JSON type is checked all the same.
        result_query: Form of the query string of result URLs, with ``{expires}``, ``{valid_s}``,
            ``{date}`` and ``{signature}``; empty for none.
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
    frame_sizes: Mapping[str, Any] = field(default_factory=nothing)
    wire: str = ""
    data_uri_valid_s: int = 0
    problems: Mapping[str, str] = field(default_factory=nothing)
    submit_media: tuple[str, ...] = ("application/json",)
    metadata_values: Literal["merged", "alone"] | None = None
    typed_fields: Mapping[str, str] = field(default_factory=nothing)
    result_query: str = ""

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
    """All families, in a fixed order, as one dialect has them.

    Attributes:
        by_dialect: The families of each dialect.
        dialect: The one that this catalogue is of.
    """

    by_dialect: Mapping[Dialect, tuple[Family, ...]]
    dialect: Dialect = "documented"

    def in_dialect(self, dialect: Dialect) -> "Catalogue":
        """The same catalogue as the other dialect has it; the same object each time."""
        return self if dialect == self.dialect else self._others[dialect]

    @functools.cached_property
    def _others(self) -> Mapping[Dialect, "Catalogue"]:
        return {dialect: Catalogue(self.by_dialect, dialect) for dialect in self.by_dialect}

    @property
    def families(self) -> tuple[Family, ...]:
        """Its families."""
        return self.by_dialect[self.dialect]

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
