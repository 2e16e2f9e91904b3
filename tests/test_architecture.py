"""What must not be: undeclared names, giant modules, vague names, missing type markers."""

import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "nebula_schemas": ROOT / "schemas/nebula_schemas",
    "nebula_mock": ROOT / "mock_server/nebula_mock",
    "nebula_client": ROOT / "client/nebula_client",
    "nebula_contract": ROOT / "contract_tests/nebula_contract",
}
MODULES = [path for folder in PACKAGES.values() for path in sorted(folder.rglob("*.py"))]
LONGEST_MODULE = 400
VAGUE_NAMES = {"utils", "helpers", "common", "manager", "base", "misc"}


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_are_declared_sorted_and_there(name: str) -> None:
    package = importlib.import_module(name)
    assert package.__all__ == sorted(package.__all__)
    for public in package.__all__:
        assert getattr(package, public) is not None


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_say_what_they_give(name: str) -> None:
    """Every public class and function, and each of its public methods, has a docstring."""
    package = importlib.import_module(name)
    for public in package.__all__:
        value = getattr(package, public)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), f"{name}.{public}"


@pytest.mark.parametrize("name", PACKAGES)
def test_package_is_marked_as_typed(name: str) -> None:
    assert (PACKAGES[name] / "py.typed").is_file()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_has_one_subject_and_says_which(path: Path) -> None:
    """A docstring, no more lines than one subject needs, a name that says what is inside."""
    text = path.read_text("utf-8")
    assert text.startswith('"""')
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert path.stem not in VAGUE_NAMES
