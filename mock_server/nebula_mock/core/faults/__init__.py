"""The faults that a rule or a script can bring about, found here by the name that each has in JSON.

One more fault is one more class, a row of this table, and a branch of ``files/fault.schema.json``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nebula_mock.core.faults.broken_answer import BROKEN_ANSWERS, BrokenAnswer
from nebula_mock.core.faults.lifecycle import Backwards, DoubleCharge, NeverFinishing, TerminalChanges
from nebula_mock.core.faults.members import (
    FIELD_FAULTS,
    ExtraField,
    FieldFault,
    OtherId,
    UnknownStatus,
    WrongSize,
)
from nebula_mock.core.faults.problem import BareStatus, ErrorWith200, HtmlPage, ProblemFault
from nebula_mock.core.faults.protocol import Fault, Scene
from nebula_mock.core.faults.transport import BrokenJson, ContentType, Gzip, Redirect
from nebula_mock.core.faults.videos import BrokenMp4, CorruptBase64, DifferingVideos, HostileFileName

_CLASSES = (
    ProblemFault, BareStatus, HtmlPage, ErrorWith200,
    ContentType, BrokenJson, Gzip, Redirect,
    ExtraField, UnknownStatus, WrongSize,
    Backwards, TerminalChanges, NeverFinishing, DoubleCharge,
    CorruptBase64, DifferingVideos, BrokenMp4, HostileFileName,
)  # fmt: skip

FAULTS: Mapping[str, Callable[[Mapping[str, Any]], Fault]] = {
    **{one.kind: one.from_json for one in _CLASSES},
    **dict.fromkeys(FIELD_FAULTS, FieldFault.from_json),
    **dict.fromkeys(("wrong-id", "duplicate-id"), OtherId.from_json),
    **dict.fromkeys(BROKEN_ANSWERS, BrokenAnswer.from_json),
}
"""The member ``fault`` of a fault in JSON to what reads its other members."""


def fault_from(value: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object valid by ``files/fault`` tells."""
    return FAULTS[value["fault"]](value)


__all__ = ["FAULTS", "Fault", "Scene", "fault_from"]
