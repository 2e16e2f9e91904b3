"""Promises of the package itself: what it needs, what it says when that is missing, what it exports."""

import subprocess
import sys

import pytest

import nebula_schemas

BLOCK = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    """The program in an interpreter of its own, where nothing is imported yet."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_the_catalogue_needs_the_standard_library_alone() -> None:
    """The client stands on it, and the client's users have no jsonschema."""
    done = run(
        "import sys; before = set(sys.modules)\n"
        "import nebula_schemas.catalogue as c; c.catalogue()\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - sys.stdlib_module_names))"
    )
    assert (done.stdout, done.stderr) == ("nebula_schemas\n", "")


def test_importing_the_package_loads_nothing_else() -> None:
    done = run("import sys, nebula_schemas\nprint({'jsonschema', 'referencing'} & set(sys.modules))")
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.mark.parametrize("module", ["jsonschema", "referencing"])
@pytest.mark.parametrize("name", ["contract", "Contract"])
def test_a_missing_extra_is_one_line_that_names_the_install(module: str, name: str) -> None:
    done = run(
        BLOCK.format(module=module)
        + f"try:\n    from nebula_schemas import {name}\n"
        + "except ImportError as error:\n    print(type(error).__name__, error)"
    )
    sentence = f"This needs the package {module!r}, which is not installed. "
    advice = "Install it with: pip install 'nebula-video[mock]'"
    assert (done.stdout, done.stderr) == (f"MissingExtraError {sentence}{advice}\n", "")


def test_an_import_that_fails_for_another_reason_is_not_explained_away() -> None:
    """A typing error in our own code must not be told as a missing package."""
    done = run(BLOCK.format(module="hashlib") + "from nebula_schemas import Violation")
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'hashlib'" in done.stderr
    assert "pip install" not in done.stderr


def test_the_error_table_is_read_without_any_extra() -> None:
    done = run(
        BLOCK.format(module="jsonschema")
        + "import nebula_schemas; print(len(nebula_schemas.problem_table()) > 0)"
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_every_exported_name_is_there_and_sorted() -> None:
    assert sorted(nebula_schemas.__all__) == nebula_schemas.__all__
    assert all(getattr(nebula_schemas, name) is not None for name in nebula_schemas.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'nebula_schemas' has no attribute 'nothing'"):
        _ = nebula_schemas.nothing
