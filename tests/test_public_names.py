"""The public names of the client: each is used as a caller would, in a file that mypy reads."""

import ast
import inspect
from pathlib import Path

import pytest

import nebula_client
from nebula_client import VideoClient

CALLER = ast.parse((Path(__file__).parent / "typing" / "api.py").read_text("utf-8"))
NAMES = {node.id for node in ast.walk(CALLER) if isinstance(node, ast.Name)}
ATTRIBUTES = {node.attr for node in ast.walk(CALLER) if isinstance(node, ast.Attribute)}
KEYWORDS = {node.arg for node in ast.walk(CALLER) if isinstance(node, ast.keyword)}
METHODS = sorted(name for name in vars(VideoClient) if not name.startswith("_"))


@pytest.mark.parametrize("name", nebula_client.__all__)
def test_every_public_name_is_used_by_the_caller_that_mypy_reads(name: str) -> None:
    assert name in NAMES


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_client_is_called_there(method: str) -> None:
    assert method in ATTRIBUTES


@pytest.mark.parametrize("method", ["__init__", *METHODS])
def test_every_argument_is_given_there_by_its_name(method: str) -> None:
    found = vars(VideoClient)[method]
    arguments = inspect.signature(found).parameters.values() if inspect.isfunction(found) else ()
    assert {one.name for one in arguments if one.kind is inspect.Parameter.KEYWORD_ONLY} <= KEYWORDS


@pytest.mark.parametrize("name", nebula_client.__all__)
def test_a_name_is_listed_for_checkers_and_found_at_run_time(name: str) -> None:
    """The first by an import that only checkers see, the second by the module's ``__getattr__``."""
    tree = ast.parse(Path(inspect.getfile(nebula_client)).read_text("utf-8"))
    seen = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert name in seen or name == "__version__"
    assert getattr(nebula_client, name)
