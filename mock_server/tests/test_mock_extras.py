"""Promises without the extra ``mock``: one sentence that says what to install, from every door."""

import subprocess
import sys
import textwrap

import pytest

INSTALL = "Install it with: pip install 'nebula-video[mock]'"

# What an interpreter does in which some packages are not installed.
WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def ran(code: str, *absent: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a program without those packages."""
    program = WITHOUT.format(absent=set(absent)) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stdout, done.stderr


def sentence(package: str) -> str:
    """What is said when a package is absent."""
    return f"This needs the package {package!r}, which is not installed. {INSTALL}"


@pytest.mark.parametrize("package", ["flask", "werkzeug"])
def test_the_command_says_what_to_install(package: str) -> None:
    code = "from nebula_mock.cli import main; main(['serve', '--port', '0'])"
    assert ran(code, package) == (2, "", f"Error: {sentence(package)}\n")


@pytest.mark.parametrize("name", ["MockServer", "create_app"])
@pytest.mark.parametrize("package", ["flask", "werkzeug"])
def test_an_import_says_what_to_install(package: str, name: str) -> None:
    code = f"""
        try:
            from nebula_mock import {name}
        except ImportError as error:
            print(error)
    """
    assert ran(code, package) == (0, sentence(package) + "\n", "")


def test_an_uncaught_import_ends_with_the_sentence() -> None:
    code, out, err = ran("from nebula_mock import MockServer", "flask")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == f"nebula_schemas.extras.MissingExtraError: {sentence('flask')}"


def test_what_needs_no_server_needs_no_extra() -> None:
    code = """
        from nebula_mock import Failure, ManualClock, Plan
        print(Plan(failure=Failure("no")).total_s, ManualClock(1.0).now())
    """
    assert ran(code, "flask", "werkzeug", "jsonschema", "referencing") == (0, "10.0 1.0\n", "")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["serve", "--help"]])
def test_help_needs_no_extra(arguments: list[str]) -> None:
    code, out, err = ran(
        f"from nebula_mock.cli import main; main({arguments})", "flask", "werkzeug", "jsonschema"
    )
    assert (code, err) == (0, "")
    assert out


def test_another_missing_package_is_not_blamed_on_an_extra() -> None:
    code, _, err = ran("from nebula_mock import MockServer", "click", "logging")
    assert code == 1
    assert "pip install" not in err


def test_a_server_starts_without_what_only_its_document_needs() -> None:
    """The OpenAPI document is made when it is asked for; then the sentence says what to install."""
    assert ran("from nebula_mock import create_app; create_app()", "jsonschema") == (0, "", "")
    code = "from nebula_mock.cli import main; main(['openapi'])"
    assert ran(code, "jsonschema") == (2, "", f"Error: {sentence('jsonschema')}\n")
