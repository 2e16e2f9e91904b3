"""The faults that a rule can bring about: each a module of its own, found here by the name it has in JSON.

One more fault is one more module, a row of this table, and a branch of ``files/fault.schema.json``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nebula_mock.core.faults.broken_answer import BROKEN_ANSWERS, BrokenAnswer
from nebula_mock.core.faults.problem import ProblemFault
from nebula_mock.core.faults.protocol import Fault

FAULTS: Mapping[str, Callable[[Mapping[str, Any]], Fault]] = {
    "problem": ProblemFault.from_json,
    **dict.fromkeys(BROKEN_ANSWERS, BrokenAnswer.from_json),
}
"""The member ``fault`` of a fault in JSON to what reads its other members."""


def fault_from(value: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object valid by ``files/fault`` tells."""
    return FAULTS[value["fault"]](value)


__all__ = ["FAULTS", "Fault", "fault_from"]
