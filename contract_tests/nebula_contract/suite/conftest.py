"""The run of the session: sent once, whatever the number of workers, and judged by each test."""

from pathlib import Path
from typing import NoReturn

import pytest

from nebula_contract.freshness import Freshness, read_freshness
from nebula_contract.judged import Bounds, judged
from nebula_contract.pytest_plugin import MARKS
from nebula_contract.record.file import RecordError, read_record
from nebula_contract.reports.report import Report
from nebula_contract.reports.summary import FAIL_ON
from nebula_contract.reviewed import ReviewedFileError
from nebula_contract.suite.once import NotMadeError, made_once
from nebula_contract.suite.promises import cell_parameters, promise_parameters

_AREA = "nebula_area"
_FOLDER = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Make the suite's own mark known, where its folder is what pytest was started with."""
    config.addinivalue_line("markers", f"{_AREA}(digit): the promises whose codes begin so")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each promise and family of its area, and for each cell."""
    if (mark := metafunc.definition.get_closest_marker(_AREA)) is not None:
        parameters = list(promise_parameters(mark.args[0], _freshness(metafunc.config)))
        metafunc.parametrize(("code", "family"), parameters)
    elif "cell_name" in metafunc.fixturenames:
        metafunc.parametrize("cell_name", list(cell_parameters()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No test of the suite is let in without exactly one word on how it stands to the live provider."""
    for item in items:
        if _FOLDER not in item.path.parents:
            continue
        marks = {mark.name for mark in item.iter_markers()} & MARKS.keys()
        if len(marks) != 1:
            raise pytest.UsageError(
                f"{item.nodeid}: found {len(marks)} of the marks {', '.join(MARKS)}, expected exactly one"
            )


@pytest.fixture(scope="session")
def nebula_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What the session's run comes to."""
    config = request.config
    fail_on = config.getoption("--nebula-fail-on")
    if fail_on not in FAIL_ON:
        _cannot(config, f"--nebula-fail-on: found {fail_on!r}, expected one of {', '.join(FAIL_ON)}.")
    bounds = Bounds(fail_on, freshness=Path(config.getoption("--nebula-freshness")))
    try:
        path = _record(config, tmp_path_factory)
        return judged(read_record(path), bounds, kept_at=str(path))
    except (NotMadeError, RecordError, ReviewedFileError) as error:
        _cannot(config, str(error))


def _cannot(config: pytest.Config, sentence: str) -> NoReturn:
    """End the session with a sentence; a worker of pytest-xdist cannot, so that there each test says it."""
    if _is_worker(config):
        pytest.fail(sentence, pytrace=False)
    pytest.exit(sentence, pytest.ExitCode.USAGE_ERROR)


def _record(config: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the record is, made by the first worker that asks."""
    if (given := config.getoption("--nebula-judge")) is not None:
        return Path(given)
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if _is_worker(config) else base
    kept = config.getoption("--nebula-record")
    return made_once(
        shared / "nebula-contract",
        Path(kept) if kept else None,
        config.getoption("--nebula-target"),
        config.getoption("--nebula-profile"),
        config.getoption("--nebula-seed"),
    )


def _freshness(config: pytest.Config) -> Freshness:
    try:
        return read_freshness(Path(config.getoption("--nebula-freshness")))
    except ReviewedFileError as error:
        raise pytest.UsageError(str(error)) from error


def _is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of several that pytest-xdist started."""
    return hasattr(config, "workerinput")
