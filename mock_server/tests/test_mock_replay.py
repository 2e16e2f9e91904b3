"""Promises of a seed: draws can be made again from a line, and two runs leave the same journal."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from click.testing import CliRunner

from nebula_mock import ManualClock, MockServer, Settings, create_app, normalised, replay_draw
from nebula_mock.cli import main
from nebula_mock.core.draws import DrawNote, Draws, replayed
from nebula_mock.redaction import hidden
from nebula_schemas.catalogue import catalogue

GENERATIONS = "/v1/video/generations"
CLIENTS = 32
EACH = 8  # requests of each
SECRET = "result"


def lines_of(path: Path, seed: int) -> list[str]:
    """The lines of a journal with two submits of each family."""
    settings = Settings(seed=seed, journal_file=path)
    client = create_app(settings, provider=settings.provider(ManualClock(1_763_812_800.0))).test_client()
    for family in catalogue().families:
        for number in range(2):
            body = {"model": family.models[0].id, "prompt": f"A cat {number}", "metadata": {}}
            if family.prompt_at != "prompt":
                body["metadata"] = {"content": [{"type": "text", "text": "A cat"}]}
            client.post(GENERATIONS, json=body, headers={"Authorization": "Bearer sk-test"})
    return path.read_text("ascii").splitlines()


def test_one_line_and_the_seed_give_its_draws_again(tmp_path: Path) -> None:
    lines = lines_of(tmp_path / "journal.jsonl", 7)
    assert len(lines) == 8
    forms = set()
    for line in lines:
        told = [DrawNote(**one) for one in json.loads(line)["draws"]]
        again = replay_draw(line, 7)
        assert len(told) >= 4
        for before, after in zip(told, again, strict=True):
            forms.add(before.form.partition(":")[0])
            assert before.value == (hidden(after.value) if after.purpose == SECRET else after.value)
        assert replay_draw(json.loads(line), 7) == again
        assert replay_draw(line, 8) != again
    assert forms == {"hex", "uuid4", "serial"}


def test_the_command_prints_the_value_that_the_journal_tells(tmp_path: Path) -> None:
    for line in lines_of(tmp_path / "journal.jsonl", 7):
        for one in json.loads(line)["draws"]:
            command = ["draw", "--seed", "7", "--account", one["account"], "--operation", one["operation"]]
            command += [
                "--about",
                one["about"],
                "--ordinal",
                str(one["ordinal"]),
                "--purpose",
                one["purpose"],
                "--form",
                one["form"],
            ]
            printed = CliRunner().invoke(main, command).output.strip()
            assert one["value"] == (hidden(printed) if one["purpose"] == SECRET else printed)


def test_the_id_of_a_sora_task_is_what_the_command_prints_by_itself() -> None:
    with MockServer(seed=7, clock="manual") as mock:
        for _ in range(4):
            exchange(mock.url, "sk-test", "POST", GENERATIONS, {"model": "sora-2", "prompt": "A cat"})
        entry = tuple(mock.journal)[3]
    command = [
        "draw",
        "--seed",
        "7",
        "--account",
        str(entry.account),
        "--operation",
        "submit",
        "--about",
        entry.draws[0].about,
        "--ordinal",
        "3",
    ]
    assert (
        CliRunner().invoke(main, [*command, "--purpose", "task-id"]).output == f"{str(entry.task_id)[6:]}\n"
    )


@pytest.mark.parametrize("form", ["", "hex", "hex:x", "uuid4:3", "serial:3", "dec:3"])
def test_a_form_that_there_is_not_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"form|literal"):
        replayed(Draws.of_seed(1), DrawNote("p", "a", "submit", 0, form, ""))
    command = [
        "draw",
        "--seed",
        "1",
        "--account",
        "a",
        "--operation",
        "submit",
        "--ordinal",
        "0",
        "--purpose",
        "p",
    ]
    assert CliRunner().invoke(main, [*command, "--form", form]).exit_code == 2


@pytest.mark.parametrize("line", ["{}", "[]", "no", '{"draws": [1]}', '{"draws": [{"purpose": "x"}]}'])
def test_a_line_of_something_else_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"journal|Expecting"):
        replay_draw(line, 7)


def exchange(url: str, key: str, method: str, path: str, body: Any = None) -> bytes:
    """The body of an answer, on a connection of its own."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection.getresponse().read()
    finally:
        connection.close()


BAD = {
    "description": "Some of everything, by chance.",
    "outcomes": [{"outcome": "succeeded", "weight": 2}, {"outcome": "failed", "failure": "policy-refusal"}],
    "lifecycle": {"default": {"timing": "uniform", "waiting_s": [1, 20], "running_s": [1, 40]}},
    "rules": [
        {"name": "busy", "match": {"operation": "query"}, "probability": 0.4, "fault": {"fault": "http"}},
        {
            "name": "odd",
            "match": {"operation": "submit"},
            "probability": 0.5,
            "fault": {"fault": "extra-field"},
        },
        {
            "name": "cut",
            "match": {"operation": "download"},
            "probability": 0.5,
            "fault": {"fault": "broken-json"},
        },
    ],
}


def journal_of_a_run(seed: int, accounts: int) -> bytes:
    """What 32 consumers at once leave: submits of every family, polls, downloads, refusals, faults by chance.

    Each asks for a picture of its own, also where several are one account.
    """
    models = [family.models[0].id for family in catalogue().families if family.prompt_at == "prompt"]
    with MockServer(seed=seed, clock="manual", video_size_bytes=200_000, scenario=BAD) as mock:

        def move() -> None:
            mock.advance(30)

        together, submitted = Barrier(CLIENTS), Barrier(CLIENTS, action=move)

        def consume(number: int) -> None:
            key, model = f"sk-consumer{number % accounts}", models[number % accounts % len(models)]
            prompt = f"Cat {number}"
            together.wait(timeout=60)
            made = exchange(mock.url, key, "POST", GENERATIONS, {"model": model, "prompt": prompt})
            task_id = json.loads(made)["task_id"]
            path = f"{GENERATIONS}/{task_id}"
            exchange(mock.url, key, "GET", path)
            submitted.wait(timeout=60)
            for _ in range(3):
                exchange(mock.url, key, "GET", path)
            exchange(mock.url, key, "GET", f"{GENERATIONS}/download?id={task_id}")
            exchange(mock.url, key, "POST", GENERATIONS, {"model": "nothing", "prompt": prompt})
            exchange(mock.url, "none", "GET", path)

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(consume, range(CLIENTS)))
        assert len(mock.journal) == EACH * CLIENTS
        return normalised(mock.journal)


@pytest.mark.parametrize("accounts", [CLIENTS, 4, 1])
def test_two_runs_with_one_seed_leave_the_same_journal_and_another_seed_another(accounts: int) -> None:
    """Whoever comes first of many at once, and however many share a key."""
    one = journal_of_a_run(7, accounts)
    assert journal_of_a_run(7, accounts) == one
    assert journal_of_a_run(8, accounts) != one
    assert one.count(b"\n") == EACH * CLIENTS
    assert {b'"fault":"http"' in one, b'"fault":"broken-json"' in one, b'"fault":"extra-field"' in one} == {
        True
    }
