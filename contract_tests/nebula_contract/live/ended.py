"""What a live run came to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Reason = Literal["done", "interrupted", "infra", "ledger", "record", "deadline"]
"""Why it ended: all cases were tried; a signal; an answer that makes the rest useless (the own key is refused, no
balance); the ledger could not be written; the record could not be written; its time was over."""

_INTERRUPTED, _BROKEN, _NOT_REACHED = 130, 1, 3
_PRECEDENCE = (_INTERRUPTED, 2, _BROKEN, 4, _NOT_REACHED)


@dataclass(frozen=True, slots=True)
class LiveEnd:
    """What a live run came to. Money in US dollars.

    Attributes:
        reason: Why it ended.
        told: The same in a sentence; empty when it is done.
        spent_usd: What is surely charged: tasks that were seen to succeed.
        reserved_usd: What counts as spent besides: submits whose outcome, or whose task's end, is not known.
        submits: Requests that were sent and could have made a task.
        requests: All requests.
        unseen: Cases that were not reached, with the reason of each; the run proves too little without them.
        left_out: Cases that could do without, such as those of a second key that was not given, with their reasons.
        surprises: Cases that were accepted though they had to be refused; their classes were stopped.
        verdict_code: The exit code of what the record comes to; 0 where none was kept.
    """

    reason: Reason
    told: str
    spent_usd: Decimal
    reserved_usd: Decimal
    submits: int
    requests: int
    unseen: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    surprises: tuple[str, ...] = ()
    verdict_code: int = 0

    @property
    def exit_code(self) -> int:
        """Of several the first of 130, 2, 1, 4, 3: interrupted, usage, something that does not hold, an answer that could
        not be classified, cases that were not reached; else 0. What was accepted though it had to be refused does not hold.
        """
        codes = {
            self.verdict_code,
            _INTERRUPTED if self.reason == "interrupted" else 0,
            _BROKEN if self.surprises else 0,
            _NOT_REACHED if self.unseen or self.reason != "done" else 0,
        }
        return next((code for code in _PRECEDENCE if code in codes), 0)
