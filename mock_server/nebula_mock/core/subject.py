"""What a request is about, as far as it can be read before the operation is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nebula_mock.core.task import Task
from nebula_schemas.catalogue import Catalogue, prompt_in


@dataclass(frozen=True, slots=True)
class Subject:
    """The model and the prompt of a request, or of its task; None for what is not known.

    Attributes:
        model: As the consumer names it.
        family: Of that model, where there is one.
        prompt: Of a task that is kept, cut as it is there.
    """

    model: str | None = None
    family: str | None = None
    prompt: str | None = None


def subject_of_submit(models: Catalogue, fields: Mapping[str, Any]) -> Subject:
    """What a submit with those fields is about; of a body that will be refused, what can be told."""
    model = fields.get("model")
    if not isinstance(model, str):
        return Subject(prompt=_text(fields.get("prompt")))
    family = models.family_of_model.get(model)
    if family is None:
        return Subject(model, None, _text(fields.get("prompt")))
    return Subject(model, family.name, prompt_in(family, fields))


def subject_of_task(task: Task | None) -> Subject:
    """What a query or download of that task is about."""
    return Subject() if task is None else Subject(task.model.id, task.family.name, task.prompt)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
