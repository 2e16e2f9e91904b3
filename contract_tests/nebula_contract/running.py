"""One run at a target, kept in a file as it happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import SystemRandom

from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import RecordError, RecordWriter
from nebula_contract.record.recorder import Recorder
from nebula_contract.record.run import RunEnd, RunHeader, Stop, plain_target
from nebula_contract.sending.profiles import PROFILES, Profile
from nebula_contract.sending.target import Target, open_target
from nebula_schemas.version import VERSION

_SEEDS = 2**32


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how a run goes on.

    Attributes:
        drive: Called with the name of each part before it begins.
        exchange: Called after each exchange with how many there are.
        is_ended: Whether somebody ended the run; asked where an error came of it, since one may come of that.
    """

    drive: Callable[[str], None] = lambda _: None
    exchange: Callable[[int], None] = lambda _: None
    is_ended: Callable[[], bool] = lambda: False


def run_to_file(
    target_name: str,
    profile_name: str,
    seed: int | None,
    path: Path,
    *,
    overwrite: bool = False,
    watch: Watch | None = None,
) -> Stop:
    """Send everything to a target, and keep each exchange in the file before the next is sent.

    An interrupt ends the run in order: the record then says so.

    Args:
        target_name: ``mock``, ``mock+http`` or a base URL.
        profile_name: How much is sent.
        seed: Of what is drawn; None for a new one, which the record tells.
        path: Where the record goes.
        overwrite: Whether a file that is there may be replaced.
        watch: Is told how it goes on.

    Raises:
        TargetError: The target cannot be used; no file was made.
        RecordError: The file cannot be made, or took no more; what it took can be judged.
    """
    watch = watch or Watch()
    profile = PROFILES[profile_name]
    used_seed = _seed(profile) if seed is None else seed
    keeper = _Keeper(watch)
    recorder = Recorder(keeper.keep)
    with open_target(target_name, recorder, seed=used_seed) as target:
        header = _header(target, profile, used_seed)
        with RecordWriter(path, header, overwrite=overwrite) as keeper.writer:
            stop = _sent(target, profile, used_seed, watch, keeper)
            keeper.writer.end(RunEnd(_now(), stop, keeper.writer.written, notes=tuple(recorder.notes)))
    return stop


@dataclass(slots=True)
class _Keeper:
    """Between the recorder, which is made before the target, and the file, which is made after it."""

    watch: Watch
    writer: RecordWriter | None = None
    problem: RecordError | None = None

    def keep(self, exchange: Exchange) -> None:
        if self.writer is None:
            return
        try:
            self.writer.add(exchange)
        except RecordError as error:
            self.problem = self.problem or error
            raise
        self.watch.exchange(exchange.number)


def _sent(target: Target, profile: Profile, seed: int, watch: Watch, keeper: _Keeper) -> Stop:
    from nebula_contract.sending.run import send_all

    try:
        send_all(target, profile, seed, lambda name, _count: watch.drive(name))
    except KeyboardInterrupt:
        return "interrupted"
    except Exception as error:
        if (
            watch.is_ended() and keeper.problem is None
        ):  # what generates inputs, ended half-way, fails at itself
            return "interrupted"
        # What generates inputs may wrap whatever a test of its own raises.
        if keeper.problem is not None and error is not keeper.problem:
            raise keeper.problem from error
        raise
    if keeper.problem is not None:
        raise keeper.problem
    return "complete"


def _header(target: Target, profile: Profile, seed: int) -> RunHeader:
    return RunHeader(
        tool=VERSION,
        target=plain_target(target.name),
        kind="mock" if target.is_mock else "url",
        started_at=_now(),
        dialect=target.dialect or "",
        seed=seed,
        profile=profile.name,
        hypothesis=version("hypothesis"),
    )


def _seed(profile: Profile) -> int:
    return 0 if profile.is_derandomized else SystemRandom().randrange(_SEEDS)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
