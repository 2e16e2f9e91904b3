"""Promises of the pytest plugin, seen from outside: tests that use it are run by a pytest of their own."""

import pytest

pytest_plugins = ["pytester"]

ASKING = """
    import os, requests
    import pytest

    def asked(path="/x"):
        url = os.environ["NEBULA_BASE_URL"] + "/v1/video/generations" + path
        return requests.get(url, headers={"Authorization": "Bearer " + os.environ["NEBULA_API_KEY"]}, timeout=10)

    def submitted():
        url = os.environ["NEBULA_BASE_URL"] + "/v1/video/generations"
        headers = {"Authorization": "Bearer " + os.environ["NEBULA_API_KEY"]}
        answer = requests.post(url, json={"model": "sora-2", "prompt": "A cat"}, headers=headers, timeout=10)
        return answer.json()["task_id"]
"""


def run(pytester: pytest.Pytester, tests: str, *options: str, conftest: str = "") -> pytest.RunResult:
    """The result of a run of those tests; the project's own settings do not reach it."""
    pytester.makepyprojecttoml(
        "[tool.pytest.ini_options]\nfilterwarnings = ['error']\naddopts = '--strict-markers'"
    )
    if conftest:
        pytester.makeconftest(conftest)
    pytester.makepyfile(helpers=ASKING, test_it=f"from helpers import *\n{tests}")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", *options)


def test_a_test_scripts_faults_moves_time_and_needs_no_setting_up(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_x(nebula_mock):
    nebula_mock.faults.script("query", ["http 503", "reset", "ok"])
    task_id = submitted()
    assert asked("/" + task_id).status_code == 503
    with pytest.raises(requests.ConnectionError):
        asked("/" + task_id)
    nebula_mock.clock.advance(120)
    assert asked("/" + task_id).json()["status"] == "succeeded"
    nebula_mock.faults.verify()
""",
    )
    result.assert_outcomes(passed=1)


def test_a_fault_that_no_request_meets_fails_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_x(nebula_mock):
    nebula_mock.faults.script("query", ["http 503", "reset"])
    asked()
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*script-1 for query: 1 of 2 steps met a request; left: 'reset'."])


def test_a_fault_that_found_nothing_to_change_fails_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_x(nebula_mock):
    nebula_mock.faults.script("query", ["missing-field nowhere"])
    asked()
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*found nothing to change in the answer: 'missing-field nowhere'."])


def test_unmet_faults_can_be_allowed_and_a_failure_of_the_test_comes_first(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.nebula_mock(allow_unmet=True)
def test_x(nebula_mock):
    nebula_mock.faults.script("query", ["reset"])

def test_y(nebula_mock):
    nebula_mock.faults.script("query", ["reset"])
    assert False, "mine"
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["E*AssertionError: mine"])


def test_a_failed_test_shows_its_own_exchanges_without_its_key(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_other(nebula_mock):
    submitted()

def test_x(nebula_mock):
    nebula_mock.faults.script("query", ["http 503", {"delay": 2}])
    asked()
    print("KEY", nebula_mock.key)
    assert False
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    shown = result.stdout.str().partition("nebula-mock journal")[2]
    assert "query GET /v1/video/generations/x -> 503" in shown
    assert "http by script-1, step 0" in shown
    assert "1 of 2 steps met a request; left: {'delay': 2}" in shown
    assert "submit POST" not in shown
    key = next(line.split()[1] for line in result.outlines if line.startswith("KEY"))
    assert key not in shown


def test_tests_share_a_server_and_nothing_else(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
seen = []

@pytest.mark.parametrize("turn", [1, 2])
def test_x(nebula_mock, turn):
    assert (nebula_mock.tasks, len(nebula_mock.journal), len(nebula_mock.faults)) == ((), 0, 0)
    seen.append((nebula_mock.url, nebula_mock.key, nebula_mock.clock.now()))
    submitted()
    nebula_mock.clock.advance(1000)
    nebula_mock.use("stuck")

def test_after(nebula_mock, nebula_mock_server):
    (one, two) = seen
    assert one[0] == two[0] == nebula_mock.url
    assert len({one[1], two[1], nebula_mock.key}) == 3
    assert one[2] == two[2] == nebula_mock.clock.now()
    assert nebula_mock.scenario.name == "default"
    assert len(nebula_mock_server.tasks) == 2
""",
        "-W",
        "ignore::pytest.PytestUnraisableExceptionWarning",
    )
    result.assert_outcomes(passed=3)


def test_a_test_that_is_run_again_finds_nothing_of_the_time_before(pytester: pytest.Pytester) -> None:
    """As plugins do that run a failed test again: the node, and with it the account, is the same."""
    result = run(
        pytester,
        """
def test_x(nebula_mock):
    assert (nebula_mock.tasks, len(nebula_mock.journal), len(nebula_mock.faults)) == ((), 0, 0)
    ids.append(submitted())
    assert len(set(ids)) == 1
    nebula_mock.faults.script("query", ["ok"])
    asked()

ids = []
""",
        conftest="""
import pytest

def pytest_runtest_protocol(item, nextitem):
    from _pytest.runner import runtestprotocol
    for _ in range(3):
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
    return True

@pytest.fixture(scope="session")
def nebula_mock_settings():
    return {"seed": 7}
""",
    )
    assert result.parseoutcomes() == {"passed": 3}


def test_a_test_that_is_over_leaves_nothing_that_waits_or_adds_up(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import threading

@pytest.mark.nebula_mock(scenario="slow", allow_unmet=True)
def test_x(nebula_mock):
    nebula_mock.faults.script("query", ["delay 100", "reset"])
    with pytest.raises(requests.ReadTimeout):
        requests.get(nebula_mock.url + "/v1/video/generations/x", timeout=0.1,
                     headers={"Authorization": "Bearer " + nebula_mock.key})

def test_after(nebula_mock_server):
    provider = nebula_mock_server._provider
    assert (len(nebula_mock_server.faults), provider.plays._own, provider.clocks._own) == (0, {}, {})
    for thread in threading.enumerate():
        if "process_request" in thread.name:
            thread.join(10)
            assert not thread.is_alive()
""",
    )
    result.assert_outcomes(passed=2)


def test_the_environment_is_that_of_before_when_the_test_is_over(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEBULA_API_KEY", "sk-before")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "internal.example")
    result = run(
        pytester,
        """
def test_x(nebula_mock):
    assert os.environ["NEBULA_BASE_URL"] == nebula_mock.url
    assert os.environ["NEBULA_API_KEY"] == nebula_mock.key
    assert os.environ["no_proxy"] == "internal.example,127.0.0.1,localhost"
    assert asked().status_code == 404

def test_y():
    assert os.environ["NEBULA_API_KEY"] == "sk-before"
    assert "NEBULA_BASE_URL" not in os.environ
""",
    )
    result.assert_outcomes(passed=2)


def test_marks_set_up_the_account_of_a_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.nebula_mock(scenario="instant", dialect="gateway", balance_usd="0.50")
class TestIt:
    def test_x(self, nebula_mock):
        assert nebula_mock.scenario.name == "instant"
        assert asked().json()["code"] == "task_not_exist"
        assert str(nebula_mock.rules.balance_usd) == "0.50"

    @pytest.mark.nebula_mock(scenario="stuck", clock="real")
    def test_y(self, nebula_mock):
        assert nebula_mock.scenario.name == "stuck"
        assert (nebula_mock.clock.mode, nebula_mock.rules.dialect) == ("real", "gateway")

def test_z(nebula_mock):
    assert (nebula_mock.scenario.name, nebula_mock.clock.mode) == ("default", "manual")
""",
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ('"flaky"', "*found 'flaky', expected names with values*"),
        ('scenario="flakey"', "*Did you mean flaky?*"),
        ('speed="fast"', "*speed*"),
        ('balance_usd="abc"', "*balance_usd: found 'abc', expected US dollars*"),
        ('clock="fast"', "*clock: found 'fast', expected 'manual' or 'real'*"),
    ],
)
def test_a_mark_that_cannot_work_is_told(pytester: pytest.Pytester, mark: str, told: str) -> None:
    result = run(pytester, f"@pytest.mark.nebula_mock({mark})\ndef test_x(nebula_mock): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


def test_the_server_is_set_up_by_a_fixture(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_x(nebula_mock, nebula_mock_server):
    assert nebula_mock_server.settings.seed == 7
    assert asked().json()["code"] == "task_not_exist"
""",
        conftest="""
import pytest

@pytest.fixture(scope="session")
def nebula_mock_settings():
    return {"dialect": "gateway", "seed": 7}
""",
    )
    result.assert_outcomes(passed=1)


def test_naming_the_plugin_again_is_no_second_one(pytester: pytest.Pytester) -> None:
    conftest = 'pytest_plugins = ["nebula_mock.pytest_plugin"]'
    result = run(
        pytester, "def test_x(nebula_mock): pass\n", "-p", "nebula_mock.pytest_plugin", conftest=conftest
    )
    result.assert_outcomes(passed=1)
    assert "nebula_mock(scenario" in pytester.runpytest_inprocess("--markers", "-p", "no:xdist").stdout.str()


def test_it_works_under_unittest_and_in_other_fixtures(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import unittest

@pytest.fixture
def busy(nebula_mock):
    nebula_mock.faults.script("query", ["rate-limited", "ok"])

def test_x(busy):
    assert asked().status_code == 429

class TestOld(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def given(self, nebula_mock):
        self.mock = nebula_mock

    def test_y(self):
        self.mock.faults.script("query", ["http 503"])
        self.assertEqual(asked().status_code, 503)
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*1 of 2 steps met a request; left: 'ok'."])


def test_who_never_asks_for_it_imports_nothing_of_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_x():
            assert "nebula_mock.pytest_plugin" in sys.modules
            assert "flask" not in sys.modules
            assert "nebula_mock.testing" not in sys.modules
        """
    )
    pytester.runpytest_subprocess("-p", "no:schemathesis", "-p", "no:cacheprovider").assert_outcomes(passed=1)
