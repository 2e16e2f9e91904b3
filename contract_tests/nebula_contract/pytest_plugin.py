"""The pytest plugin that gives the suite its target.

pytest --pyargs nebula_contract.suite -p nebula_contract.pytest_plugin --nebula-target mock
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from nebula_contract.cli import DEFAULT_EXAMPLES
from nebula_contract.runs import LifecycleRun, lifecycle_runs
from nebula_contract.targets import Target, TargetError, open_target
from nebula_schemas.catalogue import Family, catalogue


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the suite."""
    group = parser.getgroup("nebula")
    group.addoption("--nebula-target", default="mock", metavar="mock|URL", help="The provider under test.")
    group.addoption(
        "--nebula-examples",
        type=int,
        default=DEFAULT_EXAMPLES,
        metavar="N",
        help="Generated inputs a check and family.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Properties here wait for HTTP, so they have no deadline; inputs are not kept between runs."""
    settings.register_profile(
        "nebula",
        max_examples=config.getoption("--nebula-examples"),
        deadline=None,
        database=None,
        print_blob=True,
    )
    settings.load_profile("nebula")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A check that asks for ``family`` runs once for each."""
    if "family" in metafunc.fixturenames:
        families = catalogue().families
        metafunc.parametrize("family", families, ids=[family.name for family in families], scope="session")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The provider under test."""
    try:
        with open_target(request.config.getoption("--nebula-target")) as opened:
            yield opened
    except TargetError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.fixture(scope="session")
def all_runs(target: Target) -> dict[str, LifecycleRun]:
    """One task of every family, from submit to its end, made once a session and side by side."""
    return lifecycle_runs(target, catalogue().families)


@pytest.fixture(scope="session")
def run(all_runs: dict[str, LifecycleRun], family: Family) -> LifecycleRun:
    """The family's task, from submit to its end."""
    return all_runs[family.name]
