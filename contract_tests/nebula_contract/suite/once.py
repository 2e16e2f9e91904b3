"""A run that several workers need and one makes: the first holds a lock, the others wait and read what it left."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nebula_contract.record.file import RecordError
from nebula_contract.running import run_to_file
from nebula_contract.sending.profiles import PROFILES
from nebula_contract.targets import TargetError


class NotMadeError(RuntimeError):
    """The run could not be made; says why, to every worker."""


def made_once(folder: Path, kept: Path | None, target: str, profile: str, seed: int | None) -> Path:
    """The record of a run, made by whoever comes first.

    Args:
        folder: Of the session, shared by its workers.
        kept: Where the record goes; None for into the folder.
        target: Where to send.
        profile: How much.
        seed: Of what is drawn.

    Raises:
        NotMadeError: It could not be made, now or by the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, done, problem = kept or folder / "run.ndjson", folder / "done", folder / "problem"
    with _locked(folder / "lock"):
        if problem.exists():
            raise NotMadeError(problem.read_text("utf-8"))
        if done.exists():
            return path
        if profile not in PROFILES:
            raise NotMadeError(f"--nebula-profile: found {profile!r}, expected one of {', '.join(PROFILES)}.")
        try:
            stop = run_to_file(target, profile, seed, path)
        except (TargetError, RecordError) as error:
            problem.write_text(str(error).replace("--target", "--nebula-target"), "utf-8")
            raise NotMadeError(problem.read_text("utf-8")) from error
        if stop == "interrupted":
            problem.write_text("the run was interrupted", "utf-8")
            raise KeyboardInterrupt
        done.touch()
    return path


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock goes with the process, however it ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
