"""The workflow files that a user copies: valid, harmless to those who open pull requests, and true to the commands."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft7Validator
from ruamel.yaml.constructor import DuplicateKeyError

from nebula_contract.cli import COMMANDS, main
from nebula_contract.live.money import CEILING_USD
from nebula_contract.live.plan import Wish, made_plan
from snippets import blocks
from workflow_files import (
    FILES,
    FOLDER,
    NIGHTLY,
    PULL_REQUEST,
    command_lines,
    step_named,
    steps,
    strictly_read,
    texts,
    workflow,
)

GUIDE = (FOLDER.parent / "guides/in-ci.md").read_text("utf-8")
NIGHTS = 31
SCHEMA = json.loads(
    (files("check_jsonschema") / "builtin_schemas/vendor/github-workflows.json").read_text("utf-8")
)
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
Change = Callable[[dict[str, Any]], object]


def problems(document: dict[str, Any]) -> list[str]:
    """What GitHub's schema of workflow files, as check-jsonschema ships it, has against a document."""
    errors = Draft7Validator(SCHEMA).iter_errors(document)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


def test_these_are_all_workflow_files() -> None:
    assert sorted(FOLDER.iterdir()) == sorted(FILES)


@each_file
def test_a_workflow_is_valid_by_the_schema(path: Path) -> None:
    assert problems(workflow(path)) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda workflow: workflow.pop("on"), id="no-trigger"),
        pytest.param(lambda workflow: workflow["on"].update(pull_requests=None), id="unknown-trigger"),
        pytest.param(lambda workflow: workflow.update(concurency={"group": "a"}), id="misspelt-key"),
        pytest.param(
            lambda workflow: workflow["permissions"].update(content="read"), id="unknown-permission"
        ),
        pytest.param(lambda workflow: first_job(workflow).update({"timeout": 5}), id="unknown-key-of-a-job"),
        pytest.param(lambda workflow: first_job(workflow).pop("runs-on"), id="no-machine"),
        pytest.param(lambda workflow: first_job(workflow)["steps"][0].update(uses=5), id="no-text"),
        pytest.param(lambda workflow: first_job(workflow)["steps"].append({"runs": "ls"}), id="misspelt-run"),
    ],
)
@each_file
def test_a_wrong_workflow_is_not_valid(path: Path, change: Change) -> None:
    document = workflow(path)
    change(document)
    assert problems(document)


def first_job(document: dict[str, Any]) -> dict[str, Any]:
    """The first job of a workflow."""
    job: dict[str, Any] = next(iter(document["jobs"].values()))
    return job


@each_file
def test_a_key_that_stands_twice_is_an_error(path: Path) -> None:
    with pytest.raises(DuplicateKeyError):
        strictly_read(path.read_text("utf-8") + "\npermissions: write-all\n")


def test_nobody_starts_a_live_run_by_a_pull_request() -> None:
    assert set(workflow(NIGHTLY)["on"]) == {"schedule", "workflow_dispatch"}
    assert set(workflow(PULL_REQUEST)["on"]) == {"pull_request"}


def test_the_pull_request_job_knows_no_secret() -> None:
    document = workflow(PULL_REQUEST)
    assert [place for place, text in texts(document) if re.search(r"\bsecrets\b|github\.token", text)] == []
    assert {name for name, _ in command_lines(document)} == {"judge", "drift", "test"}


def test_the_key_is_known_to_the_step_that_sends_alone() -> None:
    document = workflow(NIGHTLY)
    found = [(place, text) for place, text in texts(document) if re.search(r"\bsecrets\b|API_KEY", text)]
    place = ("jobs", "live", "steps", "Send the plan", "env", "NEBULA_API_KEY")
    assert found == [(place, "${{ secrets.NEBULA_API_KEY }}")]
    sending = {job for job, step in steps(document) if "nebula-contract live" in step.get("run", "")}
    assert sending == {"live"}


@pytest.mark.parametrize(
    ("path", "granted"),
    [
        (
            NIGHTLY,
            {
                "live": {"contents": "read", "actions": "read"},
                "drift": {"contents": "read", "actions": "read", "security-events": "write"},
            },
        ),
        (PULL_REQUEST, {"record": {"contents": "read"}, "mock": {"contents": "read"}}),
    ],
    ids=["nebula-nightly", "nebula-pull-request"],
)
def test_a_job_may_do_what_it_must_and_no_more(path: Path, granted: dict[str, dict[str, str]]) -> None:
    document = workflow(path)
    assert document["permissions"] == {}
    assert {name: job["permissions"] for name, job in document["jobs"].items()} == granted


@each_file
def test_every_job_ends_in_time(path: Path) -> None:
    for job in workflow(path)["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 100


def test_the_command_ends_before_its_step_and_the_step_before_its_job() -> None:
    document = workflow(NIGHTLY)
    (live,) = (words for name, words in command_lines(document) if name == "live")
    deadline_s = int(live[live.index("--deadline") + 1])
    step = step_named(document, "Send the plan")["timeout-minutes"] * 60
    assert deadline_s < step < document["jobs"]["live"]["timeout-minutes"] * 60


def test_two_runs_never_spend_at_once() -> None:
    assert workflow(NIGHTLY)["concurrency"] == {"group": "nebula-live", "cancel-in-progress": False}


@each_file
def test_a_script_is_safe_from_what_others_write(path: Path) -> None:
    """Nothing is pasted into a script, every script stops at its first failure, and no token stays on the disk."""
    document = workflow(path)
    assert document["defaults"]["run"]["shell"] == "bash"
    for _, step in steps(document):
        script = step.get("run", "")
        assert "${{" not in script
        assert "shell" not in step
        if script.count("\n") > 1:
            assert script.startswith("set -euo pipefail\n")
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}


@each_file
def test_an_action_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    lines = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    pinned = re.compile(r" uses: (actions|github)/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in lines if not pinned.search(line)] == []


def test_every_command_that_the_workflows_call_exists() -> None:
    called = {name for path in FILES for name, _ in command_lines(workflow(path))}
    assert called == {"live", "judge", "drift", "test"}
    assert called <= set(COMMANDS)


@each_file
def test_every_command_line_is_accepted_by_its_command(path: Path) -> None:
    """Parsed and not run."""
    parsed = [context_of(name, words) for name, words in command_lines(workflow(path))]
    assert parsed
    assert all(context.params for context in parsed)


def test_a_command_line_with_a_wrong_option_is_not_accepted() -> None:
    with pytest.raises(click.NoSuchOption):
        context_of("live", ["--plan", "plan.json", "--yes"])


def context_of(name: str, words: list[str]) -> click.Context:
    """The options of a command as its parser reads them."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command.make_context(name, list(words))


@each_file
def test_no_command_is_hidden_from_the_tests(path: Path) -> None:
    """Each mention in a script stands at the start of its line, where it is found and parsed."""
    document = workflow(path)
    mentions = sum(step.get("run", "").count("nebula-contract ") for _, step in steps(document))
    assert mentions == len(list(command_lines(document)))


def test_the_caps_have_room_for_every_night_of_a_month() -> None:
    caps = {name: Decimal(usd) for name, usd in workflow(NIGHTLY)["jobs"]["live"]["env"].items()}
    worst = made_plan(Wish()).plan.worst_usd
    assert caps.keys() == {"MOST_PER_RUN", "MOST_PER_DAY", "MOST_PER_MONTH"}
    assert worst <= caps["MOST_PER_RUN"] == caps["MOST_PER_DAY"]
    assert NIGHTS * caps["MOST_PER_RUN"] == caps["MOST_PER_MONTH"] <= CEILING_USD
    told = f"{caps['MOST_PER_RUN']} USD a night, and {caps['MOST_PER_MONTH']} USD a month"
    assert told in NIGHTLY.read_text("utf-8")
    assert told in GUIDE


@pytest.mark.parametrize("families", [(), ("wan", "seedance"), ("sora",)], ids="+".join)
def test_the_prices_in_the_guide_are_those_of_the_plan(families: tuple[str, ...]) -> None:
    worst = made_plan(Wish(families)).plan.worst_usd
    row = f"| {worst} | {NIGHTS * worst:.2f} | {5 * worst:.2f} |"
    command = " ".join(["nebula-contract plan", *(f"--family {name}" for name in families)])
    assert f"| `{command}` {row}" in GUIDE


def test_the_ledger_outlives_the_month_that_it_counts_and_any_end_of_its_run() -> None:
    document = workflow(NIGHTLY)
    keep = step_named(document, "Keep the ledger")
    assert keep["if"] == "always() && steps.begun.outcome == 'success'"
    assert keep["with"]["retention-days"] > NIGHTS
    names = [step.get("name") for job, step in steps(document) if job == "live"]
    order = ["Find the ledger", "Say that this run begins", "Send the plan", "Keep the ledger"]
    assert [name for name in names if name in order] == order


def test_the_job_in_the_guide_fits_into_the_workflow() -> None:
    (block,) = blocks("yaml", GUIDE)
    document = workflow(NIGHTLY)
    jobs = strictly_read(block)
    assert not jobs.keys() & document["jobs"].keys()
    document["jobs"].update(jobs)
    assert problems(document) == []
    assert jobs["page"]["needs"] == "drift"
    assert "verdict" in document["jobs"]["drift"]["outputs"]


def test_the_guide_tells_every_exit_code_and_every_artefact() -> None:
    for code in (0, 1, 2, 3, 4, 130):
        assert re.search(rf"^\| {code} \| ", GUIDE, re.MULTILINE), code
    for _, step in steps(workflow(NIGHTLY)):
        if "/upload-artifact@" in step.get("uses", ""):
            assert f"| `{step['with']['name']}` |" in GUIDE
