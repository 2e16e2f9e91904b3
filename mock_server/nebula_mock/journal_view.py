"""The journal as a test sees it: iterated, asked, cleared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nebula_mock.core.journal_entry import JournalEntry
from nebula_mock.core.verification import Times, Verification
from nebula_mock.journal import Journal
from nebula_mock.journal_questions import asked
from nebula_mock.redactor import Redactor

_FILTERS: Mapping[str, str] = {
    "operation": "operation",
    "status": "status",
    "task_id": "task_id",
    "problem": "problem_id",
    "model": "model",
}


class NotVerifiedError(AssertionError):
    """What was to be in the journal is not there, or not as often; or it is not certain.

    Attributes:
        verification: The answer, with the entries that came closest.
    """

    def __init__(self, verification: Verification) -> None:
        """Say it in words."""
        super().__init__(verification.in_words())
        self.verification = verification


@dataclass(frozen=True, slots=True)
class JournalView:
    """The exchanges of a mock, or of one of its accounts, oldest first."""

    _journal: Journal = field(repr=False)
    _redactor: Redactor = field(repr=False)
    _account: str | None = None

    def __iter__(self) -> Iterator[JournalEntry]:
        """Every entry that is kept."""
        return self._journal.page(self._account).entries()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._journal.page(self._account).lines)

    @property
    def evicted(self) -> int:
        """How many entries had to make room."""
        return self._journal.evicted(self._account)

    @property
    def refused_early(self) -> int:
        """Requests that were refused before the provider was reached; they have no entries."""
        return self._journal.refused_early

    def entries(self, **wanted: Any) -> tuple[JournalEntry, ...]:
        """The entries of that ``operation``, ``status``, ``task_id``, ``problem`` and ``model``.

        Raises:
            TypeError: There is no such filter.
        """
        for name in wanted:
            if name not in _FILTERS:
                message = f"found the filter {name!r}, expected one of {', '.join(_FILTERS)}"
                raise TypeError(message)
        return tuple(
            one for one in self if all(getattr(one, _FILTERS[name]) == is_ for name, is_ in wanted.items())
        )

    def find(
        self,
        count: int | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        **match: Any,
    ) -> Verification:
        """Whether exchanges like that are there; says so, and raises nothing.

        Args:
            count: Exactly how many; None for ``at_least`` to ``at_most``.
            at_least: How many at least; where nothing is said of the number, 1.
            at_most: How many at most; None for any number.
            **match: ``operation``, ``method``, ``status``, ``model``, ``task_id``, ``problem``, ``path``,
                ``prompt_contains``, ``headers`` and ``body``, as in ``POST /_mock/journal/verify``.

        Raises:
            TypeError: There is nothing of that name to match.
        """
        for name in match:
            if name not in _MATCHES:
                message = f"found {name!r}, expected one of {', '.join(_MATCHES)}"
                raise TypeError(message)
        least = (1 if at_most is None else 0) if at_least is None else at_least
        times = Times(least, at_most) if count is None else Times.exactly(count)
        return asked(self._journal, self._redactor, self._account, match, times)

    def verify(
        self,
        count: int | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        **match: Any,
    ) -> Verification:
        """The same, and an error unless it is certain.

        Raises:
            NotVerifiedError: An ``AssertionError`` that says what was found and what came closest.
            TypeError: There is nothing of that name to match.
        """
        found = self.find(count, at_least=at_least, at_most=at_most, **match)
        if not found.verified:
            raise NotVerifiedError(found)
        return found

    def clear(self) -> int:
        """Forget the entries, and say how many; numbers go on."""
        return self._journal.clear(self._account)


_MATCHES = (
    "operation", "method", "status", "model", "task_id", "problem", "path", "prompt_contains", "headers", "body",
)  # fmt: skip
