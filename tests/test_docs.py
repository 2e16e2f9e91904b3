"""What the documents say is true: commands run, snippets work, links lead somewhere."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from decoding import decoded
from nebula_client import VideoClient
from nebula_client.cli_ends import ENDS
from nebula_mock import MockServer, Settings
from nebula_mock.account_files import read_accounts
from snippets import blocks, run_python

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PAGE_ID = "video_69095b4ce0048190893a01510c0c98b0"
PAGE_HOST = "http://127.0.0.1:8383"
LARGEST_TWO_SCREENS = 110  # lines

CURL = shutil.which("curl")


@pytest.mark.parametrize("snippet", blocks("python", README))
def test_python_snippet_runs(snippet: str, tmp_path: Path) -> None:
    done = run_python(snippet, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert any(word in done.stdout for word in ("succeeded", "Nothing is charged", "1 passed"))


@pytest.mark.skipif(CURL is None, reason="needs curl: apt-get install curl")
def test_the_commands_of_the_journals_guide_do_what_they_say() -> None:
    seen, verify, clear = blocks("bash", (ROOT / "docs/guides/journal.md").read_text("utf-8"))
    with MockServer() as mock:
        VideoClient(api_key="sk-test", base_url=mock.url).submit("A cat", model="sora-2")
        answers = [
            json.loads(
                subprocess.run(
                    ["bash", "-c", command.replace(PAGE_HOST, mock.url).replace("curl ", "curl -sS ")],
                    capture_output=True,
                    check=True,
                ).stdout
            )
            for command in (seen, verify, clear)
        ]
    assert [entry["prompt"] for entry in answers[0]["entries"]] == ["A cat"]
    assert answers[1]["verified"]
    assert answers[2] == {"forgotten": 1}


@pytest.mark.skipif(CURL is None, reason="needs curl: apt-get install curl")
def test_the_pages_three_commands_give_the_documented_bodies() -> None:
    """Pasted from the README, where they stand as on the provider's page, with host and id filled in."""
    submit, query, download = blocks("bash", README)[:3]
    with MockServer(clock="manual") as mock:

        def run(command: str, task_id: str = PAGE_ID) -> str:
            filled = command.replace(PAGE_HOST, mock.url).replace(PAGE_ID, task_id)
            done = subprocess.run(
                ["bash", "-c", filled.replace("curl ", "curl -sS ")], capture_output=True, check=True
            )
            return done.stdout.decode()

        first = run(submit)
        task_id = json.loads(first)["task_id"]
        assert first == f'{{"task_id":"{task_id}","status":"submitted","format":"mp4"}}'
        assert json.loads(run(query, task_id))["status"] == "queued"
        mock.advance(10)
        assert json.loads(run(query, task_id))["status"] == "succeeded"
        body = json.loads(run(download, task_id))
        assert list(body) == ["success", "generation_id", "task_id", "format", "size", "base64", "data_url"]
        assert body["base64"].startswith("AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDEAAAAIZnJlZQAA")


@pytest.mark.skipif(CURL is None, reason="needs curl: apt-get install curl")
def test_the_other_commands_do_what_the_text_says(tmp_path: Path) -> None:
    """A changed balance, and a form with a picture."""
    patch, form = blocks("bash", README)[3:]
    (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    with MockServer() as mock:
        answers = [
            subprocess.run(
                ["bash", "-c", command.replace(PAGE_HOST, mock.url).replace("curl ", "curl -sS ")],
                cwd=tmp_path,
                capture_output=True,
                check=True,
            ).stdout
            for command in (patch, form)
        ]
        (task,) = mock.tasks
    changed, made = map(json.loads, answers)
    assert changed["rules"]["balance_usd"] == "5.00"
    assert (made["status"], task.parameters["seconds"]) == ("submitted", 8)
    assert task.parameters["input_reference"].startswith("data:image/png;base64,")


def test_the_accounts_file_of_the_readme_is_one(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("json", README) if '"accounts"' in block)
    (tmp_path / "accounts.json").write_text(block, "utf-8")
    rules = read_accounts(tmp_path / "accounts.json")
    assert Settings(accounts=rules).accounts.keys() == {"sk-poor", "sk-gateway", "sk-old", "sk-sora"}


def test_the_pages_python_sample_writes_a_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the page does it: ``response.json()``, ``b64decode``, ``video.mp4``."""
    import base64

    import requests

    monkeypatch.chdir(tmp_path)
    headers = {"Authorization": "Bearer sk-xxxxxxxxxx"}
    with MockServer(clock="manual") as mock:
        generations = f"{mock.url}/v1/video/generations"
        order = {"model": "sora-2", "prompt": "A cat", "seconds": "4", "size": "720x1280"}
        task_id = requests.post(generations, json=order, headers=headers, timeout=10).json()["task_id"]
        mock.advance(10)
        data = requests.get(f"{generations}/download?id={task_id}", headers=headers, timeout=10).json()
    assert data.get("success")
    Path("video.mp4").write_bytes(base64.b64decode(data["base64"]))
    found = decoded(Path("video.mp4"))
    assert (found.width, found.height, int(found.duration_s)) == (720, 1280, 4)
    assert Path("video.mp4").stat().st_size == data["size"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for link in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (document.parent / link).exists(), link
    for path in re.findall(
        r"`((?:schemas|mock_server|client|contract_tests|scripts|examples|benchmarks)/[^`*\s]*)`", text
    ):
        assert (ROOT / path).exists(), path


def test_exit_codes_are_those_of_the_command() -> None:
    table = {int(code) for code in re.findall(r"^\| ([0-9]+) \| ", README, re.MULTILINE)}
    assert table == {end.exit_code for end in ENDS}


def test_options_named_in_the_readme_exist() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "from nebula_mock.cli import main; main(['serve', '--help'])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    named = re.findall(r"^\| `(--[a-z-]+)", README, re.MULTILINE)
    assert named
    assert [option for option in named if option not in shown] == []


def test_architecture_stays_within_two_screens() -> None:
    assert len((ROOT / "docs/architecture.md").read_text("utf-8").splitlines()) <= LARGEST_TWO_SCREENS


def test_every_decision_says_context_choice_and_cost() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert decisions
    for decision in decisions:
        text = decision.read_text("utf-8")
        assert all(part in text for part in ("**Context.**", "**Choice.**", "**Cost.**")), decision.name


def test_reference_pages_are_those_of_the_data() -> None:
    """Made from the error table and the catalogue, so that they cannot go stale."""
    command = [sys.executable, str(ROOT / "scripts/reference_pages.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
