"""Generated submits of every class, some of them read once: what is asked for, and the echo of what is used.

Purposes: ``input``, and ``echo`` for the read after it. The label says what the generator meant: ``accepted``,
``coerced``, ``ignored`` or ``rejected``.
"""

from collections.abc import Callable, Iterator, Mapping

from hypothesis import strategies as st

from nebula_contract.record.exchange import Credential
from nebula_contract.sending.asking import Case, as_json, task_id_of
from nebula_contract.sending.bodies import submit_body
from nebula_contract.sending.defects import rejected_requests, twice_rejected_requests
from nebula_contract.sending.drawing import drawn
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.rules import check_catalogue, check_schemas
from nebula_contract.sending.strategies import (
    Generated,
    accepted_requests,
    coerced_requests,
    ignored_requests,
)
from nebula_contract.sending.sweep import every_defect, every_odd_value, every_order
from nebula_contract.sending.target import Target
from nebula_schemas.catalogue import DIALECTS, Family, catalogue

CLASSES: Mapping[str, Callable[[Family], st.SearchStrategy[Generated]]] = {
    "accepted": accepted_requests,
    "coerced": coerced_requests,
    "ignored": ignored_requests,
    "rejected": rejected_requests,
    "twice-rejected": twice_rejected_requests,
}
"""What is generated, by the name that stands in its cases."""

CERTAIN: Mapping[str, Callable[[Family], Iterator[Generated]]] = {
    "every-defect": every_defect,
    "every-order": every_order,
    "every-odd-value": every_odd_value,
}
"""What is sent in every run, whatever is drawn."""

_ALWAYS_READ = "coerced"
_READ_EVERY, _SECOND_EVERY = 2, 5  # of the others one in two is read; one in five is of the second account


def send_inputs(target: Target, profile: Profile, seed: int) -> None:
    """Every class of every family; nothing is judged."""
    check_catalogue()
    check_schemas()
    for family in catalogue().families:
        for name, requests in CLASSES.items():
            made = drawn(requests(family), profile.examples, seed)
            for number, one in enumerate(once_each(made), 1):
                send_input(target, f"inputs/{family.name}/{name}/{number}", one, number)
        for name, certain in CERTAIN.items():
            for number, one in enumerate(once_each(list(certain(family))), 1):
                send_input(target, f"inputs/{family.name}/{name}/{number}", one, number)
        for number, one in enumerate(large_pictures(family), 1):
            send_input(target, f"inputs/{family.name}/large-picture/{number}", one, number)


def once_each(made: list[Generated]) -> Iterator[Generated]:
    """Those that differ in what is sent."""
    seen: set[tuple[bytes, str]] = set()
    for one in made:
        if (one.body, one.content_type) not in seen:
            seen.add((one.body, one.content_type))
            yield one


def send_input(target: Target, name: str, one: Generated, number: int) -> None:
    """One submit, and perhaps the read after it."""
    owner: Credential = "second" if number % _SECOND_EVERY == 0 else "own"
    case = Case(target, name, owner)
    sent = case.submit(one.body, "input", label=one.label, content_type=one.content_type)
    task_id = task_id_of(sent)
    if task_id is not None and (one.label == _ALWAYS_READ or number % _READ_EVERY == 0):
        case.query(task_id, "echo")


def large_pictures(family: Family) -> Iterator[Generated]:
    """A picture that is one letter too large, where the family has a bound, and one that just fits."""
    for parameter in family.parameters:
        if (
            parameter.largest_image is None
            or parameter.problem_too_large is None
            or parameter.type != "string"
        ):
            continue
        head = "data:image/png;base64,"
        fitting = head + "A" * (parameter.largest_image * 4 // 3 - len(head) - 4)
        model = next(one for one in family.models if set(parameter.required_modes) & set(one.modes))
        for picture, problem in ((fitting, None), (fitting + "A" * 64, parameter.problem_too_large)):
            body = as_json(submit_body(family, model, "A cat", {parameter.name: picture}))
            problems = {} if problem is None else dict.fromkeys(DIALECTS, problem)
            yield Generated("rejected" if problems else "accepted", body, problems=problems, what="picture")
