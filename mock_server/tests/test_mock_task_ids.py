"""Promises of a task's id: the form of its family, its own, and the same again for the same seed."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_mock import ManualClock, Settings
from nebula_mock.core.draws import Draws, RequestDraws
from nebula_mock.core.task import task_id_for
from nebula_schemas import contract
from nebula_schemas.catalogue import Family, Model, catalogue

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine

NOON = 1_763_812_800.0  # 2025-11-22T12:00:00Z
SEEDANCE = catalogue().family("seedance")
MODELS = [(family, model) for family in catalogue().families for model in family.models]

every_model = pytest.mark.parametrize(("family", "model"), MODELS, ids=lambda value: getattr(value, "id", ""))
accounts = st.text("0123456789abcdef", min_size=16, max_size=16)
moments = st.floats(946_684_800, 4_102_444_800)  # the years 2000 to 2099


def draws(seed: bytes, account: str, ordinal: int) -> RequestDraws:
    """Those of a submit about the one thing that all are about here."""
    return RequestDraws(Draws(seed), account, "submit", "cat", ordinal)


def made(family: Family, model: Model, ordinal: int, *, account: str = "a", now: float = NOON) -> str:
    """The id of an account's submit, with a fixed seed."""
    return task_id_for(family.task_id, draws(b"1", account, ordinal), model=model.id, now=now)


@pytest.mark.proves("task-id.sora", "task-id.veo", "task-id.wan", "task-id.seedance")
@every_model
@patient
@given(seed=st.binary(), account=accounts, ordinal=st.integers(0, 10**9), now=moments)
def test_an_id_has_the_form_of_its_family_and_of_no_other(
    family: Family, model: Model, seed: bytes, account: str, ordinal: int, now: float
) -> None:
    task_id = task_id_for(family.task_id, draws(seed, account, ordinal), model=model.id, now=now)
    forms = [other.name for other in catalogue().families if other.task_id.matches(task_id)]
    assert forms == [family.name]


@every_model
def test_an_id_is_valid_in_a_submit_answer(family: Family, model: Model) -> None:
    members = {"status": "submitted", "format": "mp4"}
    contract().check("submit/response", {"task_id": made(family, model, 0), **members})


@every_model
@patient
@given(first=st.tuples(accounts, st.integers(0, 10**6)), second=st.tuples(accounts, st.integers(0, 10**6)))
def test_ids_are_the_same_exactly_when_account_and_ordinal_are(
    family: Family, model: Model, first: tuple[str, int], second: tuple[str, int]
) -> None:
    one, other = (made(family, model, ordinal, account=account) for account, ordinal in (first, second))
    assert (one == other) == (first == second)


@pytest.mark.proves("task-id.veo")
@pytest.mark.parametrize("model", catalogue().family("veo").models, ids=lambda model: model.id)
def test_a_veo_id_is_the_name_of_an_operation_of_the_model(model: Model) -> None:
    task_id = made(catalogue().family("veo"), model, 0)
    name = base64.urlsafe_b64decode(task_id + "=" * (-len(task_id) % 4)).decode()
    assert "=" not in task_id
    assert name.split("/operations/")[0].split("/")[-2:] == ["models", model.id]


@pytest.mark.proves("task-id.seedance")
@patient
@given(moments)
def test_a_seedance_id_tells_the_second_of_the_submit(now: float) -> None:
    task_id = made(SEEDANCE, SEEDANCE.models[0], 0, now=now)
    assert task_id.split("-")[1] == datetime.fromtimestamp(now, UTC).strftime("%Y%m%d%H%M%S")


def run_at(now: float) -> list[str]:
    """The ids of a task of every model, in a run with seed 7 that starts at ``now``."""
    provider = Settings(seed=7).provider(ManualClock(now))
    content = {"content": [{"type": "text", "text": "A cat"}]}
    body = {"prompt": "A cat", "metadata": content, "image": "https://a.example/cat.png"}
    return [provider.submit("a", {**body, "model": model.id}).task_id for _, model in MODELS]


def test_a_seed_gives_the_same_ids_in_every_run() -> None:
    """On another day too, though an id of Seedance tells a date."""
    assert run_at(NOON) == run_at(NOON + 86_400)
    assert len(set(run_at(NOON))) == len(MODELS)


def test_seedance_ids_of_one_second_are_all_different() -> None:
    ids = [made(SEEDANCE, SEEDANCE.models[0], ordinal) for ordinal in range(10_000)]
    assert len(set(ids)) == len(ids)
