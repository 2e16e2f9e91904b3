"""Questions to the journal: what is asked, in the form in which exchanges are kept, and the answer as JSON."""

from collections.abc import Mapping
from typing import Any

from nebula_mock.core.journal_match import Difference, Match, Wanted
from nebula_mock.core.json_paths import MISSING
from nebula_mock.core.keeping import kept_json
from nebula_mock.core.verification import Times, Verification, verification
from nebula_mock.journal import Journal
from nebula_mock.redaction import is_secret_name
from nebula_mock.redactor import Redactor


def asked(
    journal: Journal, redactor: Redactor, account: str | None, match: Mapping[str, Any], times: Times
) -> Verification:
    """Whether exchanges like ``match``, a value of the schema ``admin/journal-verify``, are in the journal.

    Args:
        journal: Where to look.
        redactor: What hid the secrets of its entries.
        account: Whose exchanges; None for everyone's.
        match: What they must be like.
        times: How many of them there must be.
    """
    looked_for = match_of(match, redactor)
    page = journal.page(account)
    evicted = journal.evicted(account, looked_for.operation)  # asked for last, so that none is missed
    return verification(page.entries(), looked_for, times, evicted)


def match_of(value: Mapping[str, Any], redactor: Redactor) -> Match:
    """What a JSON object valid by the schema asks for, without secrets."""

    def text(name: str) -> Wanted | None:
        return _kept(value[name], redactor.text(value[name])) if name in value else None

    return Match(
        operation=value.get("operation"),
        method=text("method"),
        status=value.get("status"),
        model=text("model"),
        task_id=text("task_id"),
        problem_id=value.get("problem"),
        path=text("path"),
        prompt_contains=text("prompt_contains"),
        headers={name: _header(name, one, redactor) for name, one in value.get("headers", {}).items()},
        body={path: _member(path, one, redactor) for path, one in value.get("body", {}).items()},
    )


def times_of(value: Mapping[str, Any]) -> Times:
    """How often, as the schema has it; at least once where it says nothing."""
    if (count := value.get("count")) is None:
        return Times()
    if isinstance(count, int):
        return Times.exactly(count)
    return Times(count.get("at_least", 0), count.get("at_most"))


def answered(answer: Verification) -> dict[str, Any]:
    """The answer as a JSON object valid by ``admin/journal-verification``."""
    return {
        "verified": answer.verified,
        "outcome": answer.outcome,
        "found": answer.found,
        "seqs": list(answer.seqs),
        "evicted": answer.evicted,
        "undecided": answer.undecided,
        "detail": answer.in_words(),
        "near_misses": [
            {
                "seq": miss.entry.seq,
                "differences": [_difference(one) for one in miss.differences],
            }
            for miss in answer.near_misses
        ],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "field": one.field,
        "expected": one.expected,
        "found": None if one.found is MISSING else one.found,
        "is_missing": one.found is MISSING,
        "is_certain": one.is_certain,
    }


def _header(name: str, value: str, redactor: Redactor) -> Wanted:
    ((_, shown),) = redactor.headers([(name, value)])
    return _kept(value, shown)


def _member(path: str, value: Any, redactor: Redactor) -> Wanted:
    """A value at a path; what the last name on it hides is hidden here too."""
    last = path.rpartition(".")[2].partition("[")[0]
    plain = redactor.value({last: value})
    shown = next(iter(plain.values())) if is_secret_name(last) else redactor.value(value)
    return Wanted(kept_json(shown), is_whole=bool(shown == value))


def _kept(given: str, shown: str) -> Wanted:
    return Wanted(shown, is_whole=shown == given)
