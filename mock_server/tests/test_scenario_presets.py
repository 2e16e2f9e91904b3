"""Promises of the presets: valid, described in a sentence, and what their names say."""

import base64
import json
from importlib import resources
from typing import Any

import pytest

from nebula_mock import ManualClock, Settings, create_app
from nebula_mock.presets import preset, preset_files
from nebula_mock.scenario_checks import scenario_violations
from nebula_schemas.failures import failure_table

GENERATIONS = "/v1/video/generations"
ME = {"Authorization": "Bearer sk-me"}
SORA = {"model": "sora-2", "prompt": "A cat", "seconds": 4}
VEO = {"model": "veo-3.1-fast-generate-preview", "prompt": "A cat"}
NOON = 1_763_812_800.0


class Job:
    """A consumer under a preset, whose clock is moved by hand and who waits for no delay."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = Settings(seed=3, scenario=name)
        self.provider = settings.provider(ManualClock(NOON))
        self.waits: list[float] = []
        monkeypatch.setattr(
            self.provider.clock, "wait_until", lambda moment, _since: self.waits.append(moment)
        )
        self.client = create_app(settings, provider=self.provider).test_client()

    def submit(self, body: Any = SORA) -> Any:
        """The answer to a submit."""
        return self.client.post(GENERATIONS, json=body, headers=ME)

    def submitted(self, body: Any = SORA) -> str:
        """The id of a new task."""
        return str(self.submit(body).get_json()["task_id"])

    def query(self, task_id: str, after_s: float = 0) -> Any:
        """The answer to a query."""
        self.provider.clock.advance(after_s)
        return self.client.get(f"{GENERATIONS}/{task_id}", headers=ME)

    def status(self, task_id: str, after_s: float = 0) -> str:
        """The status of a task."""
        return str(self.query(task_id, after_s).get_json()["status"])

    def download(self, task_id: str) -> Any:
        """The answer to a download."""
        return self.client.get(f"{GENERATIONS}/download?id={task_id}", headers=ME)


@pytest.fixture
def job(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Under the preset that the test names."""
    return Job(request.param, monkeypatch)


def under(name: str) -> pytest.MarkDecorator:
    """The test's preset."""
    return pytest.mark.parametrize("job", [name], indirect=True)


@pytest.mark.parametrize("name", preset_files())
def test_a_preset_is_valid_and_says_in_a_sentence_what_it_is_like(name: str) -> None:
    value = preset_files()[name]
    assert scenario_violations(value) == ()
    assert value["description"].endswith(".")
    assert len(value["description"]) <= 160
    assert preset(name).name == name


def test_there_are_at_least_fifteen_presets() -> None:
    assert len(preset_files()) >= 15


def test_every_preset_is_a_file_and_every_file_a_preset() -> None:
    files = {entry.name for entry in (resources.files("nebula_mock") / "presets").iterdir()}
    assert files == {f"{name}.json" for name in preset_files()}


def test_every_named_failure_says_where_it_comes_from() -> None:
    for failure in failure_table().values():
        assert failure.source.partition(":")[0] in {"PAGE", "DOC", "SRC", "INF"}
        assert all([failure.message, failure.code, failure.when.endswith(".")])


@under("happy")
def test_happy_works(job: Job) -> None:
    assert job.status(job.submitted(), 10) == "succeeded"


@under("instant")
def test_instant_is_over_at_once(job: Job) -> None:
    assert job.status(job.submitted()) == "succeeded"


@under("by-polls")
def test_by_polls_moves_with_queries_alone(job: Job) -> None:
    task_id = job.submitted()
    assert [job.status(task_id, 100) for _ in range(5)] == [
        "queued",
        "in_progress",
        "in_progress",
        "succeeded",
        "succeeded",
    ]


@under("slow")
def test_slow_takes_minutes(job: Job) -> None:
    task_id = job.submitted()
    assert (job.status(task_id, 60), job.status(task_id, 660)) == ("in_progress", "succeeded")


@under("long-queue")
def test_long_queue_waits_ten_minutes(job: Job) -> None:
    task_id = job.submitted()
    assert [job.status(task_id, s) for s in (599, 1, 30)] == ["queued", "in_progress", "succeeded"]


@under("flaky")
def test_flaky_fails_one_answer_in_five(job: Job) -> None:
    statuses = [job.query("video_1").status_code for _ in range(300)]
    assert set(statuses) == {404, 500}
    assert 0.13 < statuses.count(500) / 300 < 0.27


@under("hiccup")
def test_hiccup_fails_once_each(job: Job) -> None:
    task_id = job.submitted()
    queries = [job.query(task_id, 10).status_code for _ in range(3)]
    assert (queries, [job.download(task_id).status_code for _ in range(3)]) == (
        [500, 200, 200],
        [502, 200, 200],
    )


@under("rate-limited")
def test_rate_limited_says_when_to_ask_again(job: Job) -> None:
    answers = [job.submit() for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "10"


@under("busy-upstream")
def test_busy_upstream_refuses_every_other_submit(job: Job) -> None:
    answers = [job.submit() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 200, 429]
    assert answers[1].headers["Retry-After"] == "5"


@under("one-at-a-time")
def test_one_at_a_time_lets_one_run(job: Job) -> None:
    first, second = job.submit().status_code, job.submit().status_code
    job.provider.clock.advance(10)
    assert (first, second, job.submit().status_code) == (200, 429, 200)


@pytest.mark.parametrize(
    ("job", "after_s", "code"),
    [
        ("policy-refusal", 10, "content_policy_violation"),
        ("upstream-error", 10, "server_error"),
        ("timeout", 1805, "timeout"),
    ],
    indirect=["job"],
)
def test_failures_are_seen_at_the_end_and_cost_nothing(job: Job, after_s: float, code: str) -> None:
    task_id = job.submitted()
    assert job.status(task_id, after_s - 1) == "in_progress"
    answer = job.query(task_id, 1).get_json()
    assert (answer["status"], answer["metadata"]["error"]["code"]) == ("failed", code)
    assert job.provider.ledger()[0].charged_usd == 0


@under("mixed")
def test_mixed_has_every_outcome(job: Job) -> None:
    for _ in range(200):
        job.submit()
    failures = [task.plan.failure for task in job.provider.store.tasks()]
    assert {failure.code for failure in failures if failure} == {
        "content_policy_violation",
        "timeout",
        "server_error",
    }
    assert 0.7 < failures.count(None) / 200 < 0.9


@under("stuck")
def test_stuck_never_ends(job: Job) -> None:
    task_id = job.submitted()
    answer = job.query(task_id, 10**6).get_json()
    assert (answer["status"], answer["metadata"]["progress"]) == ("in_progress", 47)


@under("stalling-progress")
def test_stalling_progress_stands_and_then_succeeds(job: Job) -> None:
    task_id = job.submitted()
    assert [job.query(task_id, s).get_json()["metadata"]["progress"] for s in (50, 11, 1)] == [80, 80, 100]


@under("expired")
def test_expired_has_no_result_left(job: Job) -> None:
    sora, veo = job.submitted(), job.submitted(VEO)
    url = job.query(veo, 10).get_json()["url"]
    assert (job.status(sora), job.download(sora).status_code, job.client.get(url).status_code) == (
        "succeeded",
        502,
        403,
    )


@under("forgotten")
def test_forgotten_forgets_soon(job: Job) -> None:
    task_id = job.submitted()
    assert (job.query(task_id, 20).status_code, job.query(task_id, 1).status_code) == (200, 404)


@under("outage")
def test_outage_is_over_after_two_minutes(job: Job) -> None:
    during = [job.submit().status_code, job.query("video_1", 119).status_code]
    job.provider.clock.advance(1)
    assert (during, job.submit().status_code) == ([500, 500], 200)


@under("degraded")
def test_degraded_is_late_and_fails_now_and_then(job: Job) -> None:
    statuses = {job.query("video_1").status_code for _ in range(100)}
    assert statuses == {404, 500}
    assert len(job.waits) == 100
    assert all(NOON < moment <= NOON + 20 for moment in job.waits)


@pytest.mark.parametrize(
    ("job", "least_s", "most_s"), [("late-answers", 2, 5), ("late-submit", 120, 120)], indirect=["job"]
)
def test_late_answers_are_late(job: Job, least_s: float, most_s: float) -> None:
    assert job.submit().status_code == 200
    (moment,) = job.waits
    assert least_s <= moment - NOON <= most_s


@under("download-fails")
def test_download_fails_twice(job: Job) -> None:
    task_id = job.submitted()
    job.provider.clock.advance(10)
    assert [job.download(task_id).status_code for _ in range(3)] == [502, 502, 200]


@pytest.mark.parametrize(("job", "statuses"), [("poor", [200, 403]), ("broke", [403, 403])], indirect=["job"])
def test_who_has_no_money_left_is_refused(job: Job, statuses: list[int]) -> None:
    found = []
    for _ in statuses:
        found.append(job.submit().status_code)
        job.provider.clock.advance(10)
    assert found == statuses


@under("gateway")
def test_gateway_answers_as_the_server_source(job: Job) -> None:
    assert job.query("video_1").get_json()["code"] == "task_not_exist"
    assert job.client.get("/_mock/health").get_json()["dialect"] == "gateway"


@under("large-videos")
def test_large_videos_are_large(job: Job) -> None:
    task = job.provider.submit("a", SORA)
    assert job.provider.film(task, 0).length == 64 * 1024 * 1024


@under("data-uris")
def test_data_uris_stand_in_the_answer(job: Job) -> None:
    answer = job.query(job.submitted(VEO), 10)
    assert json.loads(answer.data)["url"].startswith("data:video/mp4;base64,AAAA")


@under("corrupt-download")
def test_corrupt_download_does_not_decode_the_first_time(job: Job) -> None:
    task_id = job.submitted()
    job.provider.clock.advance(10)
    first, second = (job.download(task_id).get_json()["base64"] for _ in range(2))
    assert len(first) == len(second)
    assert ("*" in first, "*" in second) == (True, False)


@under("broken-video")
def test_broken_video_has_its_size_and_no_index(job: Job) -> None:
    task_id = job.submitted()
    job.provider.clock.advance(10)
    body = job.download(task_id).get_json()
    video = base64.b64decode(body["base64"], validate=True)
    assert (len(video), b"moov" in video) == (body["size"], False)
    url = job.query(job.submitted(VEO), 10).get_json()["url"]
    assert b"moov" not in job.client.get(url).data


@under("backwards")
def test_backwards_goes_back_every_third_time(job: Job) -> None:
    task_id = job.submitted()
    job.provider.clock.advance(10)
    found = [job.status(task_id) for _ in range(4)]
    assert found == ["succeeded", "succeeded", "in_progress", "succeeded"]


@under("duplicate-id")
def test_duplicate_id_gives_one_id_for_two_tasks(job: Job) -> None:
    assert job.submitted() == job.submitted()
    assert len(list(job.provider.store.tasks())) == 2
    assert job.submitted() == list(job.provider.store.tasks())[2].task_id


@under("double-charge")
def test_double_charge_charges_twice(job: Job) -> None:
    job.submitted()
    job.provider.clock.advance(10)
    (bill,) = job.provider.ledger()
    assert (bill.charged, str(bill.charged_usd)) == (1, "0.80")
