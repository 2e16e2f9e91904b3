"""A task: one request for a video, with its plan; and the id it goes by."""

import base64
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from nebula_mock.core.draws import RequestDraws
from nebula_mock.core.intake import Intake
from nebula_mock.core.keeping import kept_prompt, kept_values
from nebula_mock.core.lifecycle import Observation, Plan, observed
from nebula_mock.core.terms import Terms
from nebula_schemas.catalogue import Family, FilmFacts, Model, TaskIdForm, film_facts

_TOKEN_DIGITS = 40
_SEED_DIGITS = 8  # a generation seed is drawn below 2**32
_HEXADECIMAL = 16
_PLACEHOLDER = re.compile(r"\{(hex|serial|uuid4|date|model)(?::([0-9]+))?\}")
_FAMILYS = Terms()


@dataclass(frozen=True, slots=True)
class Task:
    """One accepted submit; frozen, so what is seen of it follows from it and the time alone.

    Attributes:
        task_id: The provider's id, in the form of the family.
        account: Whose task it is.
        family: Its family.
        model: Its model.
        prompt: As sent; a very long one cut, with its length and digest.
        parameters: The parameter values in effect, after coercion; long texts cut.
        film: The measurable facts of the result.
        price_usd: What it would cost live, in US dollars, if it succeeds.
        submitted_at: Seconds since the epoch.
        plan: What will become of it.
        result_token: Unguessable part of its result URLs (the mock's form of a signed URL).
        request_id: The upstream's id of the submit, shown in metadata.
        seed: The generation seed in effect.
        terms: On what terms it is kept and handed over, where they are not its family's.
        remix_of: The task that it makes again with another prompt; None for an ordinary one.
        charges: How often it is charged when it succeeds.
    """

    task_id: str
    account: str
    family: Family
    model: Model
    prompt: str
    parameters: Mapping[str, Any]
    film: FilmFacts
    price_usd: Decimal
    submitted_at: float
    plan: Plan
    result_token: str
    request_id: str
    seed: int
    terms: Terms = _FAMILYS
    remix_of: str | None = None
    charges: int = 1

    @property
    def charged_usd(self) -> Decimal:
        """What its account is charged if it succeeds, in US dollars."""
        return self.price_usd * self.charges

    @property
    def ends_at(self) -> float:
        """When it ends, seconds since the epoch."""
        return self.submitted_at + self.plan.total_s

    @property
    def kept_s(self) -> float:
        """How long it is known after its end, in seconds."""
        return self.family.task_kept_s if self.terms.task_s is None else self.terms.task_s

    @property
    def url_valid_s(self) -> float:
        """How long its result URLs work after its end, in seconds."""
        return self.family.url_valid_s if self.terms.url_s is None else self.terms.url_s

    @property
    def data_uri_valid_s(self) -> float:
        """How long its results stand in the answer after its end, in seconds."""
        return self.family.data_uri_valid_s if self.terms.data_uri_s is None else self.terms.data_uri_s

    def is_forgotten_at(self, now: float) -> bool:
        """Whether the provider no longer knows it."""
        return now > self.ends_at + self.kept_s

    def observed_at(self, now: float, polls: int = 0) -> Observation:
        """What a consumer asking at ``now`` (seconds since the epoch) would learn, by its ``polls``-th query."""
        return observed(self.plan, self.submitted_at, now, polls)


def new_task(
    draw: RequestDraws,
    taken: Intake,
    values: Mapping[str, Any],
    *,
    price_usd: Decimal,
    plan: Plan,
    now: float,
    id_time: float | None = None,
    terms: Terms = _FAMILYS,
    remix_of: str | None = None,
) -> Task:
    """The task that an accepted submit makes.

    Pure. ``draw`` gives the draws of the submit, ``values`` are the parameter values in effect, ``id_time`` is the
    time that ids tell where it is not ``now``.
    """
    seed = int(draw("seed").hex(_SEED_DIGITS), _HEXADECIMAL)
    told = now if id_time is None else id_time
    form = taken.family.task_id
    return Task(
        task_id=task_id_for(form, draw, model=taken.model.id, now=told),
        account=draw.account,
        family=taken.family,
        model=taken.model,
        prompt=kept_prompt(taken.prompt),
        parameters=kept_values(values),
        film=film_facts(taken.family, taken.model, values),
        price_usd=price_usd,
        submitted_at=now,
        plan=plan,
        result_token=draw("result").hex(_TOKEN_DIGITS),
        request_id=draw("upstream-request").uuid4(),
        seed=values.get("seed", seed),
        terms=terms,
        remix_of=remix_of,
    )


@functools.cache
def _parts_of(template: str) -> tuple[tuple[str, str], ...]:
    """The parts of a form, in their order: ``text`` and what it says, or a placeholder and its length."""
    parts, done = [], 0
    for match in _PLACEHOLDER.finditer(template):
        parts += [("text", template[done : match.start()]), (match[1], match[2] or "")]
        done = match.end()
    return (*parts, ("text", template[done:]))


def task_id_for(form: TaskIdForm, draw: RequestDraws, *, model: str, now: float) -> str:
    """A new task id in the family's form.

    Pure: the same account, matter, ordinal, model and second give the same id. Where a form has too few
    characters to rely on chance, ``{serial:N}`` counts: no two of an account's ids about the same are equal.
    """
    drawn = draw("task-id")
    parts = []
    for kind, given in _parts_of(form.template):
        match kind:
            case "text":
                parts.append(given)
            case "date":
                parts.append(datetime.fromtimestamp(now, UTC).strftime("%Y%m%d%H%M%S"))
            case "model":
                parts.append(model)
            case "serial":
                parts.append(draw.of_first("first-serial").serial(int(given), draw.ordinal))
            case "uuid4":
                parts.append(drawn.uuid4())
            case _:
                parts.append(drawn.hex(int(given)))
    text = "".join(parts)
    if form.encoding == "base64url":
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return text
