"""What the guides to the suite say: its commands and options exist, its codes are those of the command."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from nebula_contract import pytest_plugin
from nebula_contract.calibrating.calibrated import PARTS
from nebula_contract.cli import COMMANDS, main
from nebula_contract.judging.registry import check_of
from nebula_contract.reports.summary import EXIT_CODES
from nebula_mock.cli import main as mock_main
from snippets import blocks

GUIDES = Path(__file__).parents[2] / "docs/guides"
GUIDE = (GUIDES / "contract.md").read_text("utf-8")
CALIBRATE = (GUIDES / "calibrate.md").read_text("utf-8")
LINES = [line for guide in (GUIDE, CALIBRATE) for block in blocks("sh", guide) for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_guide_exists_with_its_options(line: str) -> None:
    words = [word for word in shlex.split(line) if not word.startswith("NEBULA_")]
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    if words[0] == "pytest":
        known = Path(pytest_plugin.__file__).read_text("utf-8") + "--pyargs"
    elif words[0] == "nebula-mock":
        known = CliRunner().invoke(mock_main, [words[1], "--help"]).stdout
        assert "Usage: " in known
    else:
        assert words[0] == "nebula-contract"
        assert words[1] in COMMANDS
        known = CliRunner().invoke(main, [words[1], "--help"]).stdout
    assert [option for option in options if option not in known] == []


def test_codes_of_checks_in_the_guide_exist() -> None:
    for code in set(re.findall(r"NC\d{3}", GUIDE)):
        check = check_of(code)
        assert f"{code} {check.name}" in GUIDE


def test_exit_codes_of_the_guide_are_those_of_the_command() -> None:
    assert {int(code) for code in re.findall(r"^\| ([0-9]+) \| ", GUIDE, re.MULTILINE)} == EXIT_CODES.keys()


def test_the_parts_of_a_calibration_are_those_of_its_guide() -> None:
    assert set(re.findall(r"^\| `([a-z]+)` \| [`r]", CALIBRATE, re.MULTILINE)) >= set(PARTS)
