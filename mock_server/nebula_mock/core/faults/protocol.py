"""What a fault can do to a request: one base with nothing done, of which each fault changes one thing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from nebula_mock.core.facts import Facts
from nebula_mock.core.faults.on_the_wire import WireFault
from nebula_mock.core.lifecycle import Observation
from nebula_mock.core.refusal import RefusalError
from nebula_mock.core.reply import Reply
from nebula_mock.core.task import Task


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault may look at when it changes an answer.

    Attributes:
        facts: The request.
        target: Path and query that were asked for.
        other_host: The address of this server by another name, such as ``localhost:8383``.
        earlier_task_id: From the id of a task to that of the account's task before it; None where it is the first.
    """

    facts: Facts
    target: str
    other_host: str
    earlier_task_id: Callable[[str], str | None]


class Fault:
    """A deliberate misbehaviour. Pure: what it does follows from what it is given.

    The settings of most are members of its JSON under the same names, and what is left out has its default.

    Attributes:
        MEMBERS: Member of the JSON to the setting, where the names differ.
    """

    MEMBERS: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The fault that a JSON object valid by ``files/fault`` tells."""
        given = {
            cls.MEMBERS.get(name, name): one
            for name, one in value.items()
            if name != "fault" or name in cls.MEMBERS
        }
        make: Callable[..., Self] = cls
        return make(**given)

    @property
    def kind(self) -> str:
        """Its name in JSON."""
        raise NotImplementedError

    def instead(self, scene: Scene) -> RefusalError | Reply | None:
        """What is answered instead of doing the operation; None where the operation is done."""
        del scene
        return None

    def on_task(self, task: Task) -> Task:
        """What becomes of the task that a submit makes."""
        return task

    def on_sight(self, task: Task, seen: Observation | None) -> Observation | None:
        """Where a query says that a task stands; None for what nobody knows yet."""
        del task
        return seen

    def on_reply(self, reply: Reply, scene: Scene) -> Reply:
        """The answer as it is given; the same object where the fault finds nothing in it to change."""
        del scene
        return reply

    def on_the_wire(self) -> WireFault | None:
        """How the answer goes wrong on the wire, anew for each answer; None where it goes out whole."""
        return None
