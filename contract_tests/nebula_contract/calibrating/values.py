"""The values of a request that say which kind of task it asks for, and nothing that is the consumer's own."""

from collections.abc import Iterator, Mapping
from typing import Any

from nebula_contract.judging.views import TaskHistory, source_of
from nebula_schemas.catalogue import Parameter

Plain = str | int | bool


def plain_values(task: TaskHistory, values: Mapping[str, Any]) -> dict[str, Plain]:
    """Those that may stand in a scenario: numbers, truths, and words that the catalogue lists itself. Pure.

    Prompts, pictures, addresses and ids are words that it does not list.
    """
    listed = {one.name: set(_listed(task, one)) for one in task.family.parameters if one.form is None}
    return {
        name: value
        for name, value in values.items()
        if name in listed and (isinstance(value, int) or (isinstance(value, str) and value in listed[name]))
    }


def matched_values(task: TaskHistory, dialect: str) -> dict[str, Plain]:
    """What is in effect for a task in that dialect; with none named, what is in effect whichever it is. Pure."""
    usages = [usage.values for name, usage in task.usage.items() if name == dialect]
    if is_remix(task):
        usages = list(task.in_use)
    elif not usages:
        usages = [usage.values for usage in task.usage.values()]
    if not usages:
        return {}
    first, *others = (plain_values(task, one) for one in usages)
    return {name: value for name, value in first.items() if all(one.get(name) == value for one in others)}


def is_remix(task: TaskHistory) -> bool:
    """Whether it makes another task again, of the run's own or a strange one."""
    return any(source_of(usage) is not None for usage in task.usage.values())


def _listed(task: TaskHistory, parameter: Parameter) -> Iterator[str]:
    model = next((one for one in task.family.models if one.id == task.model), None)
    own = () if model is None else (model.fixed.get(parameter.name), model.defaults.get(parameter.name))
    of_forms = () if model is None else model.form_values.get(parameter.name, ())
    grouped = (value for group in parameter.groups.values() for value in group)
    for value in (*parameter.allowed, *grouped, *of_forms, *own, parameter.default):
        if isinstance(value, str):
            yield value
    if parameter.in_form is not None:
        yield from _listed(task, parameter.in_form)
