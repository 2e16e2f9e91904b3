"""A run takes clocks of its own from a mock, gives them back, disturbs nobody, and is refused where it would cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from nebula_contract.record.recorder import Recorder
from nebula_contract.sending.asking import Case, status_of, task_id_of
from nebula_contract.sending.bodies import REALISTIC_REQUESTS
from nebula_contract.sending.clock import AccountClocks, TargetClock, WallClock
from nebula_contract.sending.target import Target, open_app, open_target
from nebula_contract.sending.wire import Asked, prepared
from nebula_contract.targets import TargetError
from nebula_mock import MockServer
from nebula_mock.requests_adapter import AppAdapter

SORA = REALISTIC_REQUESTS["sora"]


def _task(target: Target) -> str:
    task_id = task_id_of(Case(target, "x/1").submit(SORA))
    assert task_id is not None
    return task_id


@dataclass
class OnlyTheApi:
    """A mock behind a proxy that forwards nothing but ``/v1``."""

    mock: MockServer
    header: bool = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def without_header(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            kept = [one for one in headers if self.header or one[0].lower() != "x-nebula-mock"]
            return start_response(status, kept, error)

        if environ["PATH_INFO"].startswith("/_mock"):
            start_response("404 Not Found", [("Content-Type", "text/html")])
            return [b"<html>no such page</html>"]
        return self.mock.app(environ, without_header)


@pytest.mark.parametrize("name", ["mock", "mock+http"])
@pytest.mark.parametrize("dialect", ["documented", "gateway"])
def test_own_mock_has_free_time_and_says_its_dialect(name: str, dialect: Any) -> None:
    with open_target(name, dialect=dialect) as target:
        assert (target.is_mock, target.arranges, target.dialect) == (True, True, dialect)
        assert target.clock.is_free
        task_id = _task(target)
        target.clock.pass_time(60)
        assert target.clock.now_s() == 60
        assert status_of(Case(target, "x/1").query(task_id)) == "succeeded"


@pytest.mark.parametrize("clock", ["real", "manual"])
def test_mock_at_an_address_gives_the_run_a_clock_of_its_own(clock: Any) -> None:
    with MockServer(clock=clock) as mock:
        before = mock.clock.now()
        with open_target(mock.url) as target:
            assert isinstance(target.clock, AccountClocks)
            task_id = _task(target)
            target.clock.pass_time(100_000)
            own = mock.account(target.wire.key_of("own")).clock
            assert own.now() >= before + 100_000
            assert Case(target, "x/1").query(task_id).exchange.status == 404
            assert mock.account("sk-neighbour").clock.now() < before + 50_000
        assert mock.clock.now() < before + 50_000


def test_clocks_are_given_back_at_the_end() -> None:
    with MockServer() as mock:
        with open_target(mock.url) as target:
            key = target.wire.key_of("own")
            target.clock.pass_time(1000)
            path = f"/_mock/clock?account={key}"
            admin = AppAdapter(mock.app)
            assert _mode(admin, path) == "manual"
        assert _mode(admin, path) == "real"


def _mode(adapter: AppAdapter, path: str) -> str:
    answer = adapter.send(prepared(f"http://localhost{path}", Asked("GET", path), None))
    mode: str = answer.json()["mode"]
    return mode


def test_each_account_of_a_run_is_another() -> None:
    with open_target("mock") as target:
        task_id = _task(target)
        assert Case(target, "x/1", "second").query(task_id).exchange.status == 404
        assert len(set(target.wire.keys)) == 4


def test_same_seed_is_the_same_run() -> None:
    seen = []
    for _ in range(2):
        with open_target("mock", seed=5) as target:
            seen.append((_task(target), target.wire.key_of("second")))
    assert seen[0] == seen[1]


def _made(clocks: list[WallClock], mock: MockServer) -> Any:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        mock.clock.advance(seconds)

    def wall(shortest_s: float) -> TargetClock:
        clocks.append(WallClock(shortest_s, sleep, lambda: now[0]))
        return clocks[-1]

    return wall


def test_mock_without_its_admin_api_is_followed_on_the_wall_at_a_quicker_pace() -> None:
    mock, clocks = MockServer(clock="manual"), list[WallClock]()
    with open_app("http://localhost", AppAdapter(OnlyTheApi(mock)), wall=_made(clocks, mock)) as target:
        assert (target.is_mock, target.arranges, target.dialect) == (True, True, None)
        assert (target.clock.is_free, target.clock.shortest_s) == (False, 1.0)
        assert any("admin API" in note for note in target.recorder.notes)


def test_server_that_is_no_mock_is_followed_on_the_wall_and_nothing_is_arranged() -> None:
    mock, clocks = MockServer(clock="manual"), list[WallClock]()
    app = AppAdapter(OnlyTheApi(mock, header=False))
    with open_app("http://localhost", app, wall=_made(clocks, mock)) as target:
        assert (target.is_mock, target.arranges) == (False, False)
        assert target.clock.shortest_s == 3.0


def test_another_machine_that_is_no_mock_is_refused_and_nothing_is_submitted() -> None:
    mock = MockServer(clock="manual", allowed_hosts=("api.example.com",))
    app = AppAdapter(OnlyTheApi(mock, header=False))
    with (
        pytest.raises(
            TargetError, match=r"api\.example\.com is another machine and does not say that it is a mock"
        ),
        open_app("http://api.example.com", app),
    ):
        pass
    assert mock.tasks == ()


@pytest.mark.parametrize(
    "name", ["ftp://localhost", "localhost:8383", "http://", "http://[", "http://h:port", ""]
)
def test_what_is_no_address_is_told(name: str) -> None:
    with pytest.raises(TargetError, match="expected mock or a base URL"), open_target(name):
        pass


def test_nobody_at_the_address_is_told() -> None:
    with MockServer() as mock:
        url = mock.url
    with pytest.raises(TargetError, match="nothing answers at"), open_target(url):
        pass


VARIABLES = ("NEBULA_API_KEY", "NEBULA_SECOND_API_KEY", "NEBULA_REDUCED_API_KEY")
KNOWN = ("sk-known", "sk-known-second", "sk-known-reduced")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("sk-known", "", ""), "NEBULA_SECOND_API_KEY and NEBULA_REDUCED_API_KEY"),
        (("sk-known", "sk-known-second", ""), "NEBULA_REDUCED_API_KEY"),
        (("sk-known", "", "sk-known-reduced"), "NEBULA_SECOND_API_KEY"),
        (("sk-known", "sk-other", "sk-known-reduced"), "NEBULA_SECOND_API_KEY"),
        (("sk-known", "sk-known", "sk-known-reduced"), "NEBULA_SECOND_API_KEY"),
    ],
)
def test_mock_that_does_not_know_a_further_key_is_told_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], missing: str
) -> None:
    for variable, key in zip(VARIABLES, given, strict=True):
        monkeypatch.setenv(variable, key)
    recorder = Recorder()
    with (
        MockServer(keys=KNOWN) as mock,
        pytest.raises(TargetError, match=f"set {missing} to other ones .* Nothing was sent"),
        open_target(mock.url, recorder),
    ):
        pass
    assert list(recorder.exchanges) == []


def test_mock_that_takes_few_keys_is_asked_with_the_one_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    with MockServer(keys=KNOWN) as mock:
        with (
            pytest.raises(TargetError, match="does not accept the key; set NEBULA_API_KEY"),
            open_target(mock.url),
        ):
            pass
        for variable, key in zip(VARIABLES, KNOWN, strict=True):
            monkeypatch.setenv(variable, key)
        with open_target(mock.url) as target:
            assert tuple(target.wire.key_of(one) for one in ("own", "second", "reduced")) == KNOWN
            assert target.clock.is_free
            _task(target)


def test_mock_that_takes_any_key_never_sees_the_one_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEBULA_API_KEY", "sk-precious")
    with MockServer() as mock, open_target(mock.url) as target:
        assert target.wire.key_of("own") != "sk-precious"


def test_result_of_another_host_is_not_fetched_and_that_is_noted_once() -> None:
    with open_target("mock") as target:
        case = Case(target, "x/1")
        for _ in range(2):
            assert case.result("http://images.example.com/1.mp4", "t") is None
        assert len(target.recorder.notes) == 1
        assert target.recorder.exchanges == []
