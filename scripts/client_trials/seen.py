"""What a trial showed: outcome, requests and pauses in a line, and every promise that was broken."""

import contextlib
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from client_trials.rig import KEY, Rig
from nebula_client import Generation, NebulaError, Submission, Task, Video

_GRACE_S = 1.0
_MOST_LISTED = 6
_COUNTED = ("POST", "GET", "CONNECT", "connection")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one trial showed.

    Attributes:
        told: Outcome, requests and pauses, in a line.
        words: The error's message and the log, to be searched.
        broken: Which promises were broken, in words; empty where none.
    """

    told: str
    words: str
    broken: tuple[str, ...]


def tried(run: Callable[[Rig], object], *, deadline_s: float, real_s: float, repeats: bool) -> Seen:
    """What a trial shows.

    Args:
        run: Sets the fault up on the bench and makes the call; what it returns or raises is the outcome.
        deadline_s: Seconds of the injected clock that the call may take, besides a second's grace.
        real_s: The same in real seconds.
        repeats: Whether the create may be sent again, since it surely was not taken.
    """
    threads = set(threading.enumerate())
    opened = _open()
    began = time.monotonic()
    with Rig() as rig:
        outcome, error = _outcome(rig, run)
        took_s = time.monotonic() - began
        counted = [count() for count in rig.counts]  # before the providers end
        rig.end()
        for thread in set(threading.enumerate()) - threads:
            thread.join(_GRACE_S)  # one of a provider that is just ending
        more_threads, more_open = set(threading.enumerate()) - threads, _open() - opened
        counts = {name: sum(count.get(name, 0) for count in counted) for name in _COUNTED}
        words = "\n".join([str(error or ""), *getattr(error, "__notes__", ()), *rig.log, *rig.texts])
        broken = [
            *_wrong_files(rig),
            *(f"{thread.name} goes on" for thread in more_threads),
            *(f"{one} is open" for one in more_open),
            *_wrong_error(rig, error),
            *(f"the key stands in {where}" for where in _with_the_key(error, words)),
        ]
        if counts["POST"] > 1 and not repeats:
            broken.append(f"{counts['POST']} creates were sent")
        if sum(rig.clock.slept) > deadline_s + _GRACE_S:
            broken.append(f"slept {sum(rig.clock.slept)} s, with {deadline_s} s to go")
        if took_s > real_s + _GRACE_S:
            broken.append(f"took {took_s:.1f} real seconds, expected {real_s}")
        return Seen(_line(outcome, counts, rig.clock.slept), words, tuple(broken))


def _outcome(rig: Rig, run: Callable[[Rig], object]) -> tuple[str, BaseException | None]:
    try:
        value = run(rig)
    except NebulaError as error:
        return type(error).__name__, error
    rig.texts.append(repr(value))
    match value:
        case Generation() | Video():
            assert rig.path.is_file(), "a video was told of, and there is no file"
            return "file", None
        case Submission():
            return "submitted", None
        case Task():
            return f"task {value.status.encode('ascii', 'backslashreplace').decode()}", None
        case NebulaError() as kept:  # one that the run caught itself, after several calls
            return type(kept).__name__, kept
        case _:
            return str(value), None


def _line(outcome: str, counts: Mapping[str, int], slept: list[float]) -> str:
    sent = [f"{count} {name}" for name, count in counts.items() if count]
    pauses = [f"{seconds:.3g}" for seconds in slept]
    if len(slept) > _MOST_LISTED:
        pauses = [f"{len(slept)} times, {sum(slept):.4g} in all"]
    return ", ".join(
        [outcome, *(sent or ["nothing sent"]), *([f"slept {' '.join(pauses)}"] if pauses else [])]
    )


def _open() -> set[str]:
    """What this process has open, each by a name that no later one has."""
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names alone
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            found.add(f"{descriptor} {os.readlink(f'/proc/self/fd/{descriptor}')}")  # noqa: PTH115
    return found


def _wrong_files(rig: Rig) -> list[str]:
    wrong = []
    for entry in rig.folder.iterdir():
        if entry.name.endswith(".part"):
            wrong.append(f"{entry.name} was left")
        elif not entry.is_file() or entry.is_symlink() or rig.files.get(entry.name) != entry.read_bytes():
            wrong.append(f"{entry.name} is another file than was promised")
    if rig.keeps:
        wrong += [f"{name} is gone" for name in rig.files if not (rig.folder / name).exists()]
    return wrong


def _wrong_error(rig: Rig, error: BaseException | None) -> list[str]:
    if not isinstance(error, NebulaError):
        return []
    wrong = []
    if rig.task_id is not None and error.task_id != rig.task_id:
        wrong.append(f"the error has task id {error.task_id}, expected {rig.task_id}")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    if (type(copy), str(copy), vars(copy)) != (type(error), str(error), vars(error)):
        wrong.append("the error is another after pickling")
    return wrong


def _with_the_key(error: BaseException | None, words: str) -> list[str]:
    """Where the key can be read, of all that an error or a log shows."""
    places = {"a message, the log, a warning or a repr": words}
    if error is not None:
        places["the error's repr"] = repr(error)
        places["its traceback"] = "".join(traceback.format_exception(error))
        places["its attributes"] = repr(vars(error))
        places["the locals of the client in its traceback"] = _locals(error)
        if isinstance(error, NebulaError):
            places["its pickle"] = pickle.dumps(error).decode("latin-1")
    return [where for where, text in places.items() if KEY in text]


def _locals(error: BaseException) -> str:
    """What a traceback with locals shows of an error and what it came from, below the trial itself."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    texts, link = [], shown
    while link is not None:
        texts += [str(frame.locals) for frame in link.stack if "client_trials" not in frame.filename]
        link = link.__cause__ or link.__context__  # type: ignore[assignment]
    return "\n".join(texts)
