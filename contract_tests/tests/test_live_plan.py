"""Plans: the same bytes everywhere, no case without its price, and nothing in them that a run could misread."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from nebula_contract.judging.expected import submit_expected
from nebula_contract.live.bodies import cheapest_body
from nebula_contract.live.case import Plan, case_from, case_json, plan_bytes
from nebula_contract.live.commands import plan_command
from nebula_contract.live.outcome import near
from nebula_contract.live.plan import Wish, made_plan
from nebula_contract.live.plan_file import plan_in
from nebula_contract.live.price_bound import bound_usd, every_price
from nebula_contract.live.words import Words
from nebula_contract.record.exchange import Request
from nebula_schemas import contract
from nebula_schemas.catalogue import DIALECTS, Family, catalogue, price_usd, read_request
from spending import BAD_REQUEST, case_of, plan_file, provider, run

FAMILIES = [family.name for family in catalogue().families]
EVERYTHING = Wish(probes_rejections=True, under_funded=True)
WISHES = st.builds(
    Wish,
    st.lists(st.sampled_from(FAMILIES), unique=True).map(tuple),
    st.one_of(st.none(), st.decimals(0, 20, places=4)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**31 - 1),
)
MACHINE = "from nebula_contract.live.commands import plan_command; plan_command()"


@given(WISHES)
def test_every_plan_is_one_that_live_takes_and_fits_its_limit(wish: Wish) -> None:
    made = made_plan(wish)
    raw = plan_bytes(made.plan)
    assert plan_in(raw) == made.plan
    assert contract().violations("files/plan", json.loads(raw)) == ()
    assert wish.most_usd is None or made.plan.worst_usd <= wish.most_usd
    assert all(case_from(case_json(case)) == case for case in made.plan.cases)


@given(WISHES)
def test_what_could_be_charged_has_a_price_and_nothing_else_has(wish: Wish) -> None:
    for case in made_plan(wish).plan.cases:
        assert bool(case.price_usd) == case.may_be_charged, case.name
        assert not case.may_be_charged or case.price_usd >= bound_usd(case.body_bytes or b"")


def test_free_checks_come_first_and_jobs_last_the_cheapest_first() -> None:
    cases = made_plan(EVERYTHING).plan.cases
    first_paid = next(index for index, case in enumerate(cases) if case.price_usd)
    assert all(case.name.split("/")[0] in {"free", "rejections", "known"} for case in cases[:first_paid])
    jobs = [case.price_usd for case in cases if case.purpose == "submit"]
    assert (jobs, [case.name.split("/")[0] for case in cases[-60:]]) == (sorted(jobs), ["job"] * 60)


def test_each_negative_class_is_first_sent_with_two_defects() -> None:
    """The second is a key that names nobody, so that a surprise costs nothing."""
    cases = made_plan(EVERYTHING).plan.cases
    singles = [case for case in cases if case.name.startswith("rejections/")]
    assert {case.group for case in singles} >= {
        "malformed-json",
        "missing-model",
        "unknown-model",
        "missing-prompt-sora",
    }
    for single in singles:
        double = next(case for case in cases if case.group == single.group)
        assert (double.name.endswith("two-defects"), double.credential in {"none", "malformed"}) == (
            True,
            True,
        )
    assert not any(case.name.startswith("rejections/") for case in made_plan(Wish()).plan.cases)


def test_what_a_plan_expects_is_what_the_contract_expects_of_the_body() -> None:
    for case in made_plan(EVERYTHING).plan.cases:
        if case.credential not in {"own", "reduced"} or case.method != "POST":
            continue
        expected = submit_expected(Request("POST", case.path, "own", case.headers, case.body_bytes))
        wanted = {"accepted"} if case.credential == "reduced" else set(case.expects)
        assert {one.problem_id or one.kind for one in expected.outcomes} == wanted, case.name


@pytest.mark.parametrize("family", catalogue().families, ids=lambda family: family.name)
def test_a_job_is_the_cheapest_video_of_its_family_and_its_only_paid_case(family: Family) -> None:
    cases = made_plan(Wish((family.name,))).plan.cases
    job = [case for case in cases if case.group == f"job/{family.name}"]
    cheapest = min(
        price for model in family.models if "t2v" in model.modes for price, _ in every_price(family, model)
    )
    assert [case.price_usd for case in job if case.price_usd] == [cheapest]
    purposes = [case.purpose for case in job]
    assert {
        "submit",
        "at-once",
        "early-download",
        "poll",
        "again",
        "twin",
        "download",
        "head",
        "no-key",
        "wrong-key",
    } <= {*purposes}
    assert {"foreign", "near"} <= {*purposes}
    assert purposes.count("again") + purposes.count("twin") >= 4
    assert len(job) >= 20


@pytest.mark.parametrize("family", catalogue().families, ids=lambda family: family.name)
def test_made_up_ids_have_the_form_of_the_family(family: Family) -> None:
    made_up = Words(7).task_id(family)
    assert family.task_id.matches(made_up)
    assert family.task_id.matches(near(family.task_id.example))
    assert near(family.task_id.example) != family.task_id.example


def test_the_same_plan_on_two_machines_is_the_same_bytes(tmp_path: Path) -> None:
    """Another folder, another environment, another hash seed, another locale and time zone."""
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    plans, requests = [], []
    for number, more in enumerate(
        (
            {"PYTHONHASHSEED": "1", "TZ": "UTC"},
            {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "HOME": "/"},
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        command = [sys.executable, "-c", MACHINE, "--seed", "5", "--probe-rejections", "--out", "plan.json"]
        subprocess.run(
            command,
            cwd=folder,
            env={"PYTHONPATH": paths, "PATH": "/usr/bin", **more},
            check=True,
            capture_output=True,
        )
        plans.append((folder / "plan.json").read_bytes())
        with provider(BAD_REQUEST) as target:
            run(folder, target.url, folder / "plan.json", max_spend="5")
            requests.append(
                [raw.replace(target.url.removeprefix("http://").encode(), b"HOST") for raw in target.requests]
            )
    assert plans[0] == plans[1]
    assert requests[0] == requests[1]
    assert len(requests[0]) > 20


def test_a_plan_names_the_bytes_that_are_sent(tmp_path: Path) -> None:
    plan = plan_in(plan_file(tmp_path).read_bytes())
    with provider() as target:
        run(tmp_path, target.url, tmp_path / "plan.json")
        (submit,) = target.submits
    head, _, body = submit.partition(b"\r\n\r\n")
    assert body.decode() == case_of(plan, "job/sora/submit").body
    assert head.split(b"\r\n")[0] == b"POST /v1/video/generations HTTP/1.1"
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n")[1:]]
    assert names == ["Host", "User-Agent", "Connection", "content-type", "Authorization", "Content-Length"]


VALUES = st.one_of(st.none(), st.booleans(), st.integers(-5, 10_000), st.floats(-1, 99), st.text(max_size=8), st.sampled_from(["480p", "1080p", "1920*1080", "12", "8"]))  # fmt: skip
NAMES = st.sampled_from(
    sorted(
        {
            name
            for family in catalogue().families
            for one in family.parameters
            for name in (*one.names, *one.inline)
        }
    )
)


@given(
    st.sampled_from([model.id for family in catalogue().families for model in family.models]),
    st.dictionaries(NAMES, VALUES, max_size=5),
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.text(max_size=20),
)
def test_no_body_costs_more_than_its_bound_in_either_dialect(
    model: str, top: dict[str, Any], inner: dict[str, Any], prompt: str
) -> None:
    content = [{"type": "text", "text": prompt}]
    body = {
        **top,
        "model": model,
        "prompt": prompt,
        **({"metadata": {**inner, "content": content}} if inner else {}),
    }
    bound = bound_usd(json.dumps(body).encode())
    for dialect in DIALECTS:
        family = catalogue().in_dialect(dialect).family_of_model[model]
        usage = read_request(family, family.model(model), body)
        if not usage.with_outcome("rejected"):  # what is refused costs nothing, and has no price
            assert price_usd(family, family.model(model), usage.values) <= bound


@given(st.binary(max_size=60))
def test_every_body_has_a_bound_above_nothing(body: bytes) -> None:
    assert bound_usd(body) >= Decimal("0.40")


def test_a_cheapest_body_says_what_its_price_depends_on() -> None:
    sora = catalogue().family("sora")
    assert json.loads(cheapest_body(sora, "x")) == {"model": "sora-2", "prompt": "x", "seconds": 4}


def test_the_command_prints_prices_and_writes_what_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "plan.live.json"
    done = CliRunner().invoke(plan_command, ["--max-spend", "0.30", "--out", str(path)])
    assert done.exit_code == 0, done.output
    plan: Plan = plan_in(path.read_bytes())
    assert f"{plan.submits} of which could make a task; at the worst 0.2421 USD" in done.stdout
    assert "job/sora/submit" in done.stderr
    as_json = CliRunner().invoke(plan_command, ["--max-spend", "0.30", "--json"])
    assert as_json.stdout_bytes == path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--max-spend", "1e9"], "--max-spend: found '1e9'"),
        (["--family", "sara"], "'sara' is not one of"),
        (["--seed", "-1"], "--seed"),
        (["--out", "."], "--out: cannot write .: found a directory, expected a file"),
    ],
)
def test_the_command_says_what_it_cannot_do(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(plan_command, arguments)
    assert (done.exit_code, told in done.stderr, done.stdout) == (2, True, "")
