"""Promises of the settings: refused before anything starts when they cannot work, and discreet."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock import ManualClock, MockServer, Plan, Settings
from nebula_mock.core.behaviour import Behaviour
from nebula_mock.settings import SettingsError
from nebula_mock.video.film import MAX_FILM_BYTES

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

UNSENDABLE = (
    "keys: found a key that no Authorization header can carry, "
    "expected 1 to 256 printable ASCII characters without spaces"
)
SORA = {"model": "sora-2", "prompt": "A cat"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"speed": 0}, "speed: found 0, expected a number above 0, such as 10 for ten times as fast"),
        ({"speed": -2}, "speed: found -2, expected a number above 0, such as 10 for ten times as fast"),
        (
            {"speed": float("nan")},
            "speed: found nan, expected a number above 0, such as 10 for ten times as fast",
        ),
        (
            {"speed": float("inf")},
            "speed: found inf, expected a number above 0, such as 10 for ten times as fast",
        ),
        (
            {"clock": "manual", "speed": 2},
            "speed: found 2 with the manual clock, which stands still; leave one out",
        ),
        ({"seed": "7"}, "seed: found '7', expected a whole number or None"),
        (
            {"allowed_hosts": "mock.example"},
            "allowed_hosts: found 'mock.example', expected a tuple of host names",
        ),
        ({"clock": "manuel"}, "clock: found 'manuel', expected real or manual"),
        ({"plan": {}}, "plan: found {}, expected a Plan, such as Plan(running_s=60)"),
        ({"video_size_bytes": 1e6}, "video_size_bytes: found 1000000.0, expected 1 to 268435456 (256 MiB)"),
        ({"video_size_bytes": 0}, "video_size_bytes: found 0, expected 1 to 268435456 (256 MiB)"),
        (
            {"video_size_bytes": MAX_FILM_BYTES + 1},
            "video_size_bytes: found 268435457, expected 1 to 268435456 (256 MiB)",
        ),
        (
            {"keys": ("sk-a", "")},
            f"{UNSENDABLE}, such as sk-test; leave keys out to accept any sk-... key",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_to_change(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings(**settings)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "settings",
    [
        {"clock": None},
        {"speed": "10"},
        {"speed": True},
        {"speed": 1_000_001},
        {"seed": 1.5},
        {"seed": True},
        {"keys": "sk-test"},
        {"keys": (b"sk-test",)},
        {"keys": ("two words",)},
        {"admin_token": ""},
        {"admin_token": "two words"},
        {"admin_token": 5},
        {"allowed_hosts": (5,)},
        {"plan": None},
        {"video_size_bytes": True},
        {"video_size_bytes": float("nan")},
        {"models": None},
    ],
    ids=str,
)
def test_settings_of_the_wrong_kind_are_refused(settings: dict[str, Any]) -> None:
    """Users pass them to ``MockServer`` as keywords, where no type checker sees a slip."""
    ((name, _),) = settings.items()
    for make in (Settings, MockServer):
        with pytest.raises(SettingsError, match=f"^{name}: found .+, expected "):
            make(**settings)


def test_one_name_for_the_server_is_not_taken_for_its_letters() -> None:
    with pytest.raises(SettingsError, match=r"allowed_hosts: found 'mock\.example'"):
        MockServer(allowed_hosts="mock.example")


def test_a_speed_that_is_too_fast_is_told_how_fast_is_possible() -> None:
    with pytest.raises(SettingsError, match=r"1,?000,?000|million"):
        Settings(speed=2e6)


@pytest.mark.parametrize("keys", [(), [], ("sk-a", "mock-b"), ["sk-a"]])
def test_keys_may_be_a_list_too(keys: Any) -> None:
    assert len(Settings(keys=keys).keyring.accounts) == len(keys)


@patient
@given(
    st.from_regex("sk-canary-[!-~]{0,200}", fullmatch=True),
    st.from_regex("token-canary-[!-~]{0,200}", fullmatch=True),
)
def test_neither_keys_nor_token_show_in_the_repr(key: str, token: str) -> None:
    shown = repr(Settings(keys=(key,), admin_token=token))
    assert "canary" not in shown


def test_host_names_are_known_in_lower_case_beside_those_of_loopback() -> None:
    names = Settings(allowed_hosts=("Mock.Example", "[FE80::1]")).host_names
    assert names == {"localhost", "127.0.0.1", "[::1]", "mock.example", "[fe80::1]"}


@pytest.mark.parametrize(
    ("settings", "mode"),
    [
        (Settings(), "real"),
        (Settings(speed=1), "real"),
        (Settings(speed=60), "scaled"),
        (Settings(clock="manual"), "manual"),
    ],
)
def test_the_clock_is_the_one_asked_for(settings: Settings, mode: str) -> None:
    assert settings.started_clock().mode == mode


@patient
@given(st.integers())
def test_the_same_seed_makes_the_same_tasks(seed: int) -> None:
    """Under the same time: a Seedance id tells the second of its submit."""
    providers = [Settings(seed=seed).provider(ManualClock(1_763_812_800.0)) for _ in range(2)]
    one, other = ([provider.submit("a", SORA) for _ in range(3)] for provider in providers)
    assert one == other


def test_without_a_seed_every_run_differs() -> None:
    ids = {Settings().provider().submit("a", SORA).task_id for _ in range(20)}
    assert len(ids) == 20


def test_a_provider_follows_its_settings() -> None:
    settings = Settings(plan=Plan(1, 2), video_size_bytes=100_000)
    provider = settings.provider()
    assert provider.behaviour == Behaviour(plan=Plan(1, 2), video_size_bytes=100_000)
    assert list(provider.store.tasks()) == []
