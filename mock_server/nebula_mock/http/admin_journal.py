"""The journal over the admin API: read with filters, cleared, and asked whether something happened."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from nebula_mock.core.account import account_of
from nebula_mock.core.journal_entry import OPERATIONS
from nebula_mock.core.reply import JSON_PLAIN
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_bodies import admin_object, bad_request
from nebula_mock.journal import Journal
from nebula_mock.journal_questions import answered, asked, times_of
from nebula_mock.redactor import Redactor

_LARGEST_NUMBER = 10**15


def admin_journal(journal: Journal, redactor: Redactor) -> Blueprint:
    """The routes of ``/_mock/journal``."""
    desk = _Desk(journal, redactor)
    return admin_blueprint(
        "admin_journal",
        ("GET", "/journal", desk.see),
        ("DELETE", "/journal", desk.clear),
        ("POST", "/journal/verify", desk.verify),
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the journal is seen and cleared; one method a verb."""

    journal: Journal
    redactor: Redactor

    def see(self) -> Response:
        """The entries that the filters leave, newest last."""
        _refuse_unknown({*_FILTERS, "account", "since", "limit"})
        since, limit = _number("since", 1), _number("limit", None)
        page = self.journal.page(_account(), since or 1)
        lines, next_seq = list(page.lines), page.next_seq
        for name, is_meant in _FILTERS.items():
            if (wanted := request.args.get(name)) is not None:
                lines = [line for line in lines if is_meant(json.loads(line), wanted)]
        if limit is not None and len(lines) > limit:
            if "since" in request.args:  # read on from there: nothing is left out
                next_seq = json.loads(lines[limit])["seq"]
                lines = lines[:limit]
            else:
                lines = lines[len(lines) - limit :]
        facts = {
            "next_seq": next_seq,
            "evicted": page.evicted,
            "refused_early": self.journal.refused_early,
            "most_entries": self.journal.most_entries,
            "most_bytes": self.journal.most_bytes,
            "file": self._file(),
        }
        body = b'{"entries":[%b],%b' % (b",".join(lines), json.dumps(facts).encode()[1:])
        return Response(body, content_type=JSON_PLAIN)

    def _file(self) -> dict[str, Any] | None:
        file = self.journal.file
        if file is None:
            return None
        return {"path": str(file.path), "written": file.written, "failed": file.failed, "error": file.error}

    def clear(self) -> Response:
        """Forget the entries, of everyone or of one account; numbers go on."""
        _refuse_unknown({"account"})
        return admin_answer({"forgotten": self.journal.clear(_account())})

    def verify(self) -> Response:
        """Whether exchanges like that are there; changes nothing, though it is a POST."""
        _refuse_unknown({"account"})
        value = admin_object(request, "admin/journal-verify")
        found = asked(self.journal, self.redactor, _account(), value["match"], times_of(value))
        return admin_answer(answered(found))


def _is_status(entry: Mapping[str, Any], wanted: str) -> bool:
    return str(entry["status"]) == wanted


def _is(member: str) -> Callable[[Mapping[str, Any], str], bool]:
    return lambda entry, wanted: entry[member] == wanted


# Query parameters that leave entries out, and which entries they leave.
_FILTERS: Mapping[str, Callable[[Mapping[str, Any], str], bool]] = {
    "operation": _is("operation"),
    "status": _is_status,
    "task_id": _is("task_id"),
    "problem": _is("problem_id"),
}


def _refuse_unknown(known: set[str]) -> None:
    for name in request.args:
        if name not in known:
            raise bad_request(f"found the parameter {name[:40]!r}, expected {', '.join(sorted(known))}")
    operation = request.args.get("operation", "other")
    if operation not in OPERATIONS:
        raise bad_request(f"operation: found {operation[:40]!r}, expected one of {', '.join(OPERATIONS)}")
    status = request.args.get("status", "200")
    if not status.isascii() or not status.isdecimal():
        raise bad_request(f"status: found {status[:40]!r}, expected a number such as 404")


def _number(name: str, default: int | None) -> int | None:
    given = request.args.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdecimal() and int(given[:20]) <= _LARGEST_NUMBER):
        raise bad_request(f"{name}: found {given[:40]!r}, expected a whole number of at least 0")
    return int(given)


def _account() -> str | None:
    key = request.args.get("account")
    return None if key is None else account_of(key)
