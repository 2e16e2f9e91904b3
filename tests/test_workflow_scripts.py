"""The scripts of the nightly workflow, run with stand-ins for GitHub's command and the suite's."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from nebula_contract.live.case import plan_bytes
from nebula_contract.live.plan import Wish, made_plan
from nebula_mock import MockServer
from workflow_files import NIGHTLY, PULL_REQUEST, Ran, run_script, step_named, workflow

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq: apt-get install jq")

DOCUMENT = workflow(NIGHTLY)
OURS = {"head_branch": "main", "repository_id": 1, "head_repository_id": 1}
FORK = {**OURS, "head_repository_id": 2}
OTHER_BRANCH = {**OURS, "head_branch": "try"}


def found_ledger(
    folder: Path, *begun: dict[str, object], left: str = "", wanted: str = "", free: str = ""
) -> Ran:
    """What ``Find the ledger`` does where those runs have begun, and those of ``left`` have left a ledger."""
    (folder / "begun.json").write_text(json.dumps({"artifacts": [{"workflow_run": run} for run in begun]}))
    gh = (
        'if [ "$1" = api ]; then cat begun.json; exit; fi\n'
        f'case " {left} " in *" $3 "*) echo "of run $3" > contract/ledger.ndjson ;; *) exit 1 ;; esac'
    )
    environment = {
        "WANTED": wanted,
        "FREE": free,
        "GITHUB_REPOSITORY": "me/mine",
        "GITHUB_REF_NAME": "main",
        "MOST_PER_RUN": "1.25",
    }
    return run_script(step_named(DOCUMENT, "Find the ledger"), folder, environment, {"gh": gh})


def ledger(folder: Path) -> str:
    """The ledger that the run goes on with."""
    return (folder / "contract/ledger.ndjson").read_text("utf-8")


@pytest.mark.parametrize("wanted", ["", "last"], ids=["by-schedule", "by-hand"])
def test_a_run_goes_on_with_the_ledger_of_the_last_that_began(tmp_path: Path, wanted: str) -> None:
    ran = found_ledger(tmp_path, {**OURS, "id": 11}, {**OURS, "id": 7}, left="7 11", wanted=wanted)
    assert (ran.code, ran.outputs) == (0, {"state": "kept", "cap": "1.25"})
    assert ledger(tmp_path) == "of run 11\n"


def test_before_the_first_run_by_hand_nothing_is_spent(tmp_path: Path) -> None:
    ran = found_ledger(tmp_path)
    assert (ran.code, ran.outputs) == (0, {"state": "lost", "cap": "0"})
    assert "::warning title=No ledger::" in ran.told


def test_a_run_that_began_and_left_no_ledger_stops_all_spending(tmp_path: Path) -> None:
    ran = found_ledger(tmp_path, {**OURS, "id": 11}, {**OURS, "id": 7}, left="7")
    assert ran.outputs == {"state": "lost", "cap": "0"}
    assert not (tmp_path / "contract/ledger.ndjson").exists()


@pytest.mark.parametrize("stranger", [FORK, OTHER_BRANCH], ids=["fork", "branch"])
def test_a_ledger_of_a_fork_or_of_another_branch_does_not_count(
    tmp_path: Path, stranger: dict[str, object]
) -> None:
    ran = found_ledger(tmp_path, {**stranger, "id": 99}, {**OURS, "id": 7}, left="7 99")
    assert ran.outputs["state"] == "kept"
    assert ledger(tmp_path) == "of run 7\n"


def test_a_new_ledger_is_begun_by_hand(tmp_path: Path) -> None:
    ran = found_ledger(tmp_path, wanted="new")
    assert (ran.code, ran.outputs) == (0, {"state": "new", "cap": "1.25"})
    assert ledger(tmp_path) == ""


def test_the_ledger_of_a_run_is_taken_up_by_its_id(tmp_path: Path) -> None:
    ran = found_ledger(tmp_path, {**OURS, "id": 11}, left="7", wanted="7")
    assert ran.outputs == {"state": "kept", "cap": "1.25"}
    assert ledger(tmp_path) == "of run 7\n"


@pytest.mark.parametrize("wanted", ["8", "yesterday", "7; touch pwned", "$(touch pwned)"])
def test_a_ledger_that_there_is_not_ends_the_run_before_it_sends(tmp_path: Path, wanted: str) -> None:
    ran = found_ledger(tmp_path, left="7", wanted=wanted)
    assert (ran.code, ran.outputs) == (2, {})
    assert "::error title=Nothing was sent::" in ran.told
    assert not (tmp_path / "pwned").exists()


def test_a_free_run_has_no_money(tmp_path: Path) -> None:
    ran = found_ledger(tmp_path, {**OURS, "id": 7}, left="7", free="true")
    assert ran.outputs == {"state": "kept", "cap": "0"}


def test_a_ledger_that_was_committed_by_mistake_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "contract").mkdir()
    (tmp_path / "contract/ledger.ndjson").write_text("committed")
    assert found_ledger(tmp_path).outputs == {"state": "lost", "cap": "0"}
    assert not (tmp_path / "contract/ledger.ndjson").exists()


@pytest.mark.parametrize(("attempt", "code"), [("1", 0), ("2", 2)])
def test_a_run_that_is_run_again_does_not_pay_again(tmp_path: Path, attempt: str, code: int) -> None:
    step = step_named(DOCUMENT, "Refuse to run again")
    assert run_script(step, tmp_path, {"GITHUB_RUN_ATTEMPT": attempt}).code == code


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 130])
def test_the_code_of_the_live_run_is_kept_for_the_steps_after_it(tmp_path: Path, code: int) -> None:
    (tmp_path / "out").mkdir()
    environment = {"CAP": "0.5", "MOST_PER_DAY": "1", "MOST_PER_MONTH": "9"}
    step = step_named(DOCUMENT, "Send the plan")
    ran = run_script(step, tmp_path, environment, {"nebula-contract": f'echo "$*"; exit {code}'})
    assert (ran.code, ran.outputs) == (0, {"code": str(code)})
    assert (
        "live --plan contract/plan.live.json --max-spend 0.5 --max-spend-day 1 --max-spend-month 9 "
        in ran.told
    )


@pytest.mark.parametrize(
    ("code", "surprises", "ends"),
    [
        ("0", [], 0),
        ("1", [], 0),
        ("3", [], 0),
        ("4", [], 0),
        ("1", ["free/a"], 1),
        ("2", [], 2),
        ("130", [], 130),
    ],
)
def test_the_live_job_fails_where_nothing_was_sent_or_too_much_accepted(
    tmp_path: Path, code: str, surprises: list[str], ends: int
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/live.json").write_text(json.dumps({"surprises": surprises}))
    assert run_script(step_named(DOCUMENT, "Say how the run ended"), tmp_path, {"CODE": code}).code == ends


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4])
def test_the_comparison_is_summarised_whatever_it_came_to(tmp_path: Path, code: int) -> None:
    (tmp_path / "out").mkdir()
    step = step_named(DOCUMENT, "Compare with the baseline")
    ran = run_script(step, tmp_path, {}, {"nebula-contract": f"echo '# Drift'; exit {code}"})
    assert (ran.code, ran.outputs, ran.summary) == (0, {"code": str(code)}, "# Drift\n")


@pytest.mark.parametrize(
    ("drift", "live", "on_inconclusive", "verdict", "ends", "told"),
    [
        ("0", "0", "warn", "held", 0, "::notice"),
        ("0", "1", "warn", "held", 0, "::notice"),
        ("0", "3", "warn", "inconclusive", 0, "::warning"),
        ("0", "4", "warn", "unclassified", 4, "::error"),
        ("0", "", "warn", "inconclusive", 0, "::warning"),
        ("1", "0", "warn", "drift", 1, "::error title=Drift"),
        ("1", "3", "warn", "drift", 1, "::error title=Drift"),
        ("2", "0", "warn", "unusable", 2, "::error"),
        ("3", "0", "warn", "inconclusive", 0, "::warning"),
        ("3", "0", "fail", "inconclusive", 3, "::warning"),
        ("4", "0", "warn", "unclassified", 4, "::error"),
        ("130", "0", "warn", "interrupted", 130, "::error"),
        ("", "0", "warn", "interrupted", 2, "::error"),
    ],
)
def test_drift_fails_and_what_was_not_looked_at_is_told_apart(
    tmp_path: Path, drift: str, live: str, on_inconclusive: str, verdict: str, ends: int, told: str
) -> None:
    environment = {"CODE": drift, "LIVE_CODE": live, "ON_INCONCLUSIVE": on_inconclusive}
    ran = run_script(step_named(DOCUMENT, "Decide"), tmp_path, environment)
    assert (ran.code, ran.outputs) == (ends, {"verdict": verdict})
    assert ran.told.startswith(told)


@pytest.mark.parametrize(
    ("drift", "baseline", "verdict", "ends", "told"),
    [
        ("0", None, "no-baseline", 0, "no earlier run is known: run once with --update."),
        ("0", {"verified_at": None, "plan": None}, "held", 0, "The provider is as the baseline says."),
        ("1", None, "drift", 1, "No earlier run is known, but"),
        ("1", {"verified_at": "2027-01-01T00:00:00Z", "plan": None}, "drift", 1, "The provider has changed"),
        ("3", None, "inconclusive", 0, "not everything could be looked at"),
    ],
)
def test_a_night_without_a_baseline_is_not_said_to_be_as_the_baseline_says(
    tmp_path: Path, drift: str, baseline: object, verdict: str, ends: int, told: str
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/drift.json").write_text(json.dumps({"baseline": baseline}))
    environment = {"CODE": drift, "LIVE_CODE": "0", "ON_INCONCLUSIVE": "warn"}
    ran = run_script(step_named(DOCUMENT, "Decide"), tmp_path, environment)
    assert (ran.code, ran.outputs) == (ends, {"verdict": verdict})
    assert told in ran.told


def test_a_night_at_the_mock_leaves_artefacts_without_key_and_signature(tmp_path: Path) -> None:
    """The workflows' own lines, carried out by the suite itself; only the address is another."""
    key = "sk-rehearsal-of-a-night"
    for name in ("contract", "out"):
        (tmp_path / name).mkdir()
    made = made_plan(Wish(("wan",)))
    (tmp_path / "contract/plan.live.json").write_bytes(plan_bytes(made.plan))
    suite = f'{sys.executable} -c "from nebula_contract.cli import main; main()" "$@"'
    environment = {"NEBULA_API_KEY": key, "CAP": "1", "MOST_PER_DAY": "1", "MOST_PER_MONTH": "1"}
    with MockServer(clock="manual", keys=(key,)) as mock:
        stand_in = {"nebula-contract": f"{suite} --base-url {mock.url}"}
        sent = run_script(step_named(DOCUMENT, "Send the plan"), tmp_path, environment, stand_in)
    end = json.loads((tmp_path / "out/live.json").read_text())
    assert (sent.code, end["submits"], end["spent_usd"], end["surprises"]) == (0, 1, "0.1845", [])

    kept = [*(tmp_path / "out").iterdir(), tmp_path / "contract/ledger.ndjson"]
    assert {file.name for file in kept} >= {"live.json", "record.ndjson", "ledger.ndjson"}
    for file in kept:
        text = file.read_text("utf-8")
        assert key not in text
        assert re.findall(r"https?://[^\s\"?\\]+\?(?!redacted=)", text) == []
    assert "?redacted=" in (tmp_path / "out/record.ndjson").read_text("utf-8")

    (tmp_path / "out/record.ndjson").rename(tmp_path / "contract/record.ndjson")
    judged = run_script(step_named(workflow(PULL_REQUEST), "Judge"), tmp_path, {}, {"nebula-contract": suite})
    assert judged.code == 0
    compare = step_named(workflow(PULL_REQUEST), "Compare with the baseline")
    compared = run_script(compare, tmp_path, {}, {"nebula-contract": suite})
    assert compared.code == 0
    assert "no earlier run is known: run once with --update" in compared.told
    assert (tmp_path / "out/1-judge.md").read_text("utf-8")
