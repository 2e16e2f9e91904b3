"""What HTTP clients for Python raise: ``docs/reference/client-exceptions.md``, by trying them at the mock."""

from client_events import EVENTS, Event, Outcome
from client_habits import HABITS, habit_row, mock_for_habits
from exceptions_seen import Laboratory, Seen, laboratory
from http_clients import CLIENTS
from page_text import page, table

_WHERE = {"call": "call", "body": "body", "status": "`raise_for_status`"}
_TASKS = {0: "none", 1: "one"}
_NOTHING = {
    "complete": "nothing",
    "short": "**nothing**, and the body is short",
    "left-off": "nothing: it goes on",
}
_INTRO = (
    "What {versions} and `urllib.request` of Python 3.11 to 3.13 raise for each step of a "
    "[fault script](../guides/faults.md), with an answer that has a Content-Length and a new connection for each "
    "request. *Call* is the call that returns the answer (with `stream=True`, `client.stream`, `session.post`, "
    "`urlopen`), *body* is the reading of its body, after it. Without streaming, requests and httpx read the body "
    "within the call, and raise the same there. *From* is what the exception began with. httpx is its "
    "`Client`. *Task* is how many tasks the submit made at the provider."
)
_NOTES = """\
- Where each read is limited (`timeout` of requests, httpx and urllib, `sock_read` of aiohttp), an answer that comes
  piece by piece in time may take for ever: `drip` and `bandwidth` outlast the limit, and nothing is raised. Only aiohttp
  can limit the whole (`total`, 300 s where nothing is said); with the others read in pieces, and keep the time yourself.
- Nobody limits the bytes of a body: `endless` goes on, here for 1 GiB. Read in pieces, and count.
- What aiohttp does with a bad chunk follows from how the packets fall, not from what is in them. If the bad size comes
  after the head, it waits until `total` is over; `sock_read` does not end that."""
_TRAPS = """\
- A short body raises nothing before it is read: the status is 200, `raise_for_status()` passes, and what guards the call
  alone has seen nothing. Read the body inside of what you guard.
- In requests a reset in the body and a short body are one exception, `ChunkedEncodingError`, also where nothing was
  chunked; and a limit that is over in the body is a `ConnectionError`, not a `Timeout`.
- In requests a refused connection and a lost answer are one exception, `ConnectionError`: at the first nothing was sent,
  at the second the provider has it all. Only what it comes from tells them apart.
- urllib, read in pieces, takes a short body for a whole one: compare with the Content-Length. And most of what it raises
  is no `URLError`."""
_AGAIN = """\
A submit that is sent twice is paid twice. It may be sent again after a refused connection, since nothing was sent, and
after nothing else that is raised on the call or in the body: the table says that the task is there, and it is charged. A
503 is an answer, and the one above made no task; but a proxy says the same of a submit that went through, as
`http 503 done` does. None of the four sent a submit twice by itself, but where a redirect told it to, as above. Queries and
downloads cost nothing, and may be sent again after each of these."""
_HABITS = """\
- A 307 or 308 makes requests and aiohttp send the order again, to whoever the redirect names; and urllib takes the key of
  a GET to another origin. Switch it off: `allow_redirects=False`; in urllib by a `HTTPRedirectHandler` of your own.
- aiohttp sends a GET again when the connection ends without an answer, also a new one: a fault that strikes one request
  may go unseen, so let a script strike two."""


def exceptions_page() -> str:
    """The page."""
    with laboratory() as tried:
        rows = [row(tried, event) for event in EVENTS]
    with mock_for_habits() as mock:
        habits = [habit_row(mock, habit) for habit in HABITS]
    head = ("step", *(client.name for client in CLIENTS), "task")
    versions = ", ".join(client.title for client in CLIENTS if client.packages)
    return page(
        "Exceptions of HTTP clients",
        _INTRO.format(versions=versions),
        table(head, rows),
        _NOTES,
        "## Traps",
        _TRAPS,
        "## What they do by themselves",
        table(("step", *(client.name for client in CLIENTS)), habits),
        _HABITS,
        "## Which may be sent again",
        _AGAIN,
    )


def row(tried: Laboratory, event: Event) -> tuple[str, ...]:
    """The row of one event, tried now.

    Raises:
        AssertionError: A trial proves nothing, or two that should agree do not.
    """
    seen = [tried.seen(client, event) for client in CLIENTS]
    made = {one.tasks for one in seen if one is not None}
    assert len(made) == 1, f"{event.title}: {made} tasks by different clients"
    tasks = _TASKS[made.pop()] if event.operation == "submit" else "(a download)"
    return (event.title, *(_cell(one, event) for one in seen), tasks)


def _cell(seen: Seen | None, event: Event) -> str:
    if seen is None:
        return "has no such limit"
    in_pieces = _told(seen.in_pieces, event)
    at_once = in_pieces if seen.at_once is None else _told(seen.at_once, event)
    return in_pieces if at_once == in_pieces else f"in pieces: {in_pieces}<br>at once: {at_once}"


def _told(outcome: Outcome, event: Event) -> str:
    if outcome.end != "raised":
        return _NOTHING[outcome.end]
    told = f"{_WHERE[outcome.stage]}: `{outcome.error}`"
    if outcome.timed_out and event.limit == "whole":
        told += ", when `total` is over"
    return f"{told}<br>from `{outcome.cause}`" if outcome.cause else told
