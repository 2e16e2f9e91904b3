"""Snippets of documents: found by their language, and run as a reader would run them."""

import re
import subprocess
import sys
from pathlib import Path

_PYTEST = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"]


def blocks(language: str, text: str) -> list[str]:
    """Every block of a Markdown text in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def run_python(snippet: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """What becomes of a snippet in an empty folder: tests, and what sets them up, are run by pytest."""
    command = [sys.executable, "-W", "error", "-c", snippet]
    if snippet.startswith("# conftest.py"):
        (folder / "conftest.py").write_text(snippet)
        snippet = "def test_it(nebula_mock):\n    assert nebula_mock.url\n"
    if "def test_" in snippet and "unittest" not in snippet:
        (folder / "test_it.py").write_text(snippet)
        command = [*_PYTEST, "test_it.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
