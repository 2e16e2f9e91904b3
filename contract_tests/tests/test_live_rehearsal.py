"""The whole plan against the mock, in both dialects: every case ends as planned, and the bills agree."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nebula_contract.drift.comparing.compare import differences
from nebula_contract.drift.observing.observe import observed
from nebula_contract.judging.judge import judge, judge_run
from nebula_contract.judging.reading import read_run
from nebula_contract.live.ended import LiveEnd
from nebula_contract.live.options import run_live
from nebula_contract.live.plan_file import plan_in
from nebula_contract.record.exchange import Exchange
from nebula_mock import Failure, MockServer, Plan
from nebula_schemas.catalogue import DIALECTS, Dialect
from nebula_schemas.problems import problem_table
from spending import OWN, REDUCED, SECOND, Kept, counted, options, plan_file

FAMILIES = ("sora", "veo", "wan", "seedance")
KEYS = {"NEBULA_API_KEY": OWN, "NEBULA_SECOND_API_KEY": SECOND, "NEBULA_REDUCED_API_KEY": REDUCED}


def rehearsed(folder: Path, mock: MockServer, plan: Path, kept: Kept, cap: str = "20") -> LiveEnd:
    """The plan at a mock, whose clock passes the time."""
    return run_live(options(folder, mock.url, plan, max_spend=cap, max_spend_day="50"), kept, KEYS)


def mock_of(dialect: Dialect, **settings: Any) -> MockServer:
    """A mock that knows the keys of the run alone, as a provider does."""
    return MockServer(clock="manual", dialect=dialect, keys=(OWN, SECOND, REDUCED), **settings)


def ends_as(exchange: Exchange, expects: tuple[str, ...], dialect: Dialect) -> bool:
    """Whether the answer has the status of one of the expectations."""
    problems = problem_table()
    refusals = {
        problems[one].answers[dialect].status
        for one in expects
        if one in problems and dialect in problems[one].answers
    }
    is_fine = exchange.status == 200 and bool({"accepted", "file"} & set(expects))
    return is_fine or exchange.status in refusals


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_whole_plan_ends_as_it_says_and_costs_what_the_mock_bills(dialect: Dialect, tmp_path: Path) -> None:
    plan = plan_file(tmp_path, families=(), probes_rejections=True, under_funded=True)
    cases = {case.name: case for case in plan_in(plan.read_bytes()).cases}
    kept, began = Kept(), time.monotonic()
    with mock_of(dialect) as mock:
        mock.account(REDUCED).change(balance_usd=Decimal("0.0001"))
        first = rehearsed(tmp_path, mock, plan, Kept())
        end = rehearsed(tmp_path, mock, plan, kept)
        billed = sum(bill.charged_usd for bill in mock.ledger)
    assert (end.reason, end.exit_code, end.unseen, end.left_out, end.surprises) == ("done", 0, (), (), ())
    assert [
        (one.case, one.status) for one in kept.exchanges if not ends_as(one, cases[one.case].expects, dialect)
    ] == []
    assert {one.case for one in kept.exchanges} == set(cases)  # the second run reads the first one's tasks
    assert first.spent_usd + end.spent_usd == Decimal(counted(tmp_path)) == billed == Decimal("2.4842")
    assert (str(end.reserved_usd), end.requests) == ("0", len(kept.exchanges))
    assert time.monotonic() - began < 60  # minutes of the mock's time, none of ours
    assert not any(key in repr(kept.exchanges) for key in KEYS.values())


def test_a_plan_proves_much_with_one_task_a_family(tmp_path: Path) -> None:
    kept = Kept()
    with mock_of("documented") as mock:
        rehearsed(tmp_path, mock, plan_file(tmp_path, families=()), kept)
        assert len(mock.tasks) == 4
    for family in FAMILIES:
        job = [one for one in kept.exchanges if one.case.startswith(f"job/{family}/")]
        about = {one.subject for one in job if one.purpose not in {"submit", "near", "twin"}}
        films = [
            one
            for one in job
            if one.answer is not None and (one.answer.body.film or one.answer.body.long_texts)
        ]
        assert (len(about), len(job) >= 22, len(films) >= 2) == (1, True, True)
        (twin,) = (one for one in job if one.purpose == "twin")
        assert kept.exchanges[int(twin.subject) - 1].case == f"job/{family}/query-again-3"


def test_a_family_whose_tasks_fail_costs_nothing_and_is_not_whole(tmp_path: Path) -> None:
    kept = Kept()
    with mock_of("documented", plan=Plan(failure=Failure("refused by policy"))) as mock:
        end = rehearsed(tmp_path, mock, plan_file(tmp_path, families=("wan",)), kept)
        assert [bill.charged_usd for bill in mock.ledger if bill.submitted] == [0]
    assert (counted(tmp_path), end.exit_code) == ("0", 3)
    assert "no result URL is known" in dict(end.unseen)["job/wan/result"]


def test_results_are_fetched_without_a_key(tmp_path: Path) -> None:
    kept = Kept()
    with mock_of("documented") as mock:
        rehearsed(tmp_path, mock, plan_file(tmp_path, families=("wan",)), kept)
    results = [one for one in kept.exchanges if one.operation == "result"]
    assert [(one.request.credential, one.request.method, one.status) for one in results] == [
        ("none", "GET", 200),
        ("none", "GET", 200),
        ("none", "HEAD", 200),
    ]
    assert all("Signature=" not in one.request.path or "redacted=" in one.request.path for one in results)


def test_another_account_reads_nothing_of_the_first_ones_tasks(tmp_path: Path) -> None:
    """The ledger tells accounts apart without their keys."""
    plan, kept = plan_file(tmp_path), Kept()
    with mock_of("documented") as mock:
        rehearsed(tmp_path, mock, plan, Kept())
        told = options(tmp_path, mock.url, plan, max_spend="0")
        run_live(told, kept, {"NEBULA_API_KEY": SECOND})
    assert not any(one.case.startswith("known/") for one in kept.exchanges)


@pytest.mark.parametrize("is_mock", [True, False])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_task_of_the_night_before_is_known_and_no_stranger(
    dialect: Dialect, tmp_path: Path, *, is_mock: bool
) -> None:
    """It is read as what it is: judged right, seen as its family's, and no change from one night to the next."""
    plan, nights = plan_file(tmp_path, families=()), (Kept(), Kept())
    with mock_of(dialect) as mock:
        for kept in nights:
            end = rehearsed(tmp_path, mock, plan, kept)
            assert end.exit_code == 0
    first, second = (one.exchanges for one in nights)
    known = [one for one in second if one.case.startswith("known/")]
    assert {one.case.split("/")[1] for one in known} == set(FAMILIES)
    assert [one for one in first if one.case.startswith("known/")] == []
    runs = [read_run(one, is_mock=is_mock) for one in (first, second)]
    verdicts = [judge_run(run, is_live=True, paid_families=FAMILIES) for run in runs]
    assert [(one.findings, one.infra) for one in verdicts] == [((), ())] * 2
    before, now = map(observed, runs, verdicts)
    assert differences(before, now, both_ways=True) == []
    assert not now.unobservable
    own = [
        one
        for one in runs[1].seen
        if one.exchange.case.endswith(("/query", "/download")) and one.exchange in known
    ]
    assert {one.family and one.family.name for one in own} == set(FAMILIES)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_provider_that_forgot_a_task_over_night_is_told_and_a_mock_whose_days_are_short_is_not(
    dialect: Dialect, tmp_path: Path
) -> None:
    plan, kept = plan_file(tmp_path, families=()), Kept()
    with mock_of(dialect) as mock:
        rehearsed(tmp_path, mock, plan, Kept())
        mock.advance(3 * 86_400)
        rehearsed(tmp_path, mock, plan, kept)
    found = judge(kept.exchanges, is_mock=False, is_live=True, paid_families=FAMILIES).findings
    assert found
    assert all(one.case.startswith("known/") for one in found)
    assert judge(kept.exchanges, is_mock=True, is_live=True, paid_families=FAMILIES).findings == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_paid_task_gives_forty_checks_or_more_and_a_right_provider_no_finding(
    dialect: Dialect, tmp_path: Path
) -> None:
    kept = Kept()
    with mock_of(dialect) as mock:
        rehearsed(tmp_path, mock, plan_file(tmp_path, families=()), kept)
    verdict = judge(kept.exchanges, is_mock=False, is_live=True, paid_families=FAMILIES)
    assert (verdict.findings, verdict.missing, verdict.infra) == ((), (), ())
    for family in FAMILIES:
        job = [one for one in kept.exchanges if one.case.startswith(f"job/{family}/")]
        looked = [check.code for check in judge(job, is_mock=False, is_live=True).checks if check.looked]
        assert len(looked) >= 40, (family, len(looked))
