"""A whole run: every drive in a fixed order, the cheap ones first, whatever the provider does.

A drive ends early when the target has not answered for a while; the run does when it is gone. Why is noted.
"""

from collections.abc import Callable

from nebula_contract.record.recorder import Recorder
from nebula_contract.sending.access import send_access
from nebula_contract.sending.arranged import send_arranged
from nebula_contract.sending.client_twin import send_client_twins
from nebula_contract.sending.clock import ClockLostError
from nebula_contract.sending.drawing import nothing_kept
from nebula_contract.sending.inputs import send_inputs
from nebula_contract.sending.lifecycle import send_lifecycles
from nebula_contract.sending.machine import send_machine
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.routes import send_routes
from nebula_contract.sending.target import GENERATIONS, Target
from nebula_contract.sending.twins import send_twins
from nebula_contract.sending.wire import Asked, OutOfReachError

Drive = Callable[[Target, Profile, int], None]

DRIVES: tuple[tuple[str, Drive], ...] = (
    ("access", send_access),
    ("routes", send_routes),
    ("inputs", send_inputs),
    ("client", send_client_twins),
    ("twins", send_twins),
    ("machine", send_machine),
    ("lifecycle", send_lifecycles),
    ("arranged", send_arranged),
)
"""By the name that its cases begin with, in the order of a run; the last lets days pass."""


def send_all(
    target: Target, profile: Profile, seed: int, progress: Callable[[str, int], None] = lambda *_: None
) -> Recorder:
    """Send everything, judge nothing.

    Args:
        target: Where to.
        profile: How much.
        seed: Repeats what is drawn.
        progress: Called with the name of each drive before it begins, and how many exchanges there are.

    Returns:
        The target's recorder, with every exchange and the notes of the run.
    """
    recorder = target.recorder
    with nothing_kept():
        for name, drive in DRIVES:
            progress(name, len(recorder.exchanges))
            try:
                drive(target, profile, seed)
            except OutOfReachError as error:
                recorder.notes.append(f"The drive {name} ended early: no whole answer any more ({error}).")
                if not answers(target):
                    recorder.notes.append("The run ended early: the target is gone.")
                    break
            except ClockLostError as error:
                recorder.notes.append(f"The run ended early: {error}.")
                break
    return recorder


def answers(target: Target) -> bool:
    """Whether the target still answers a request that costs nothing."""
    asked = Asked(
        "GET", f"{GENERATIONS}/none", "none", operation="query", case="run/probe/1", purpose="probe"
    )
    return target.wire.send(asked).exchange.answer is not None
