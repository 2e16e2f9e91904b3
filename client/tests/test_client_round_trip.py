"""From prompt to file against the mock: what was asked for is what is made, priced and written."""

import hashlib
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nebula_client import (
    ConfigurationError,
    NebulaError,
    OutputError,
    Submission,
    Task,
    Video,
    VideoClient,
    WaitTimeoutError,
)
from nebula_mock import MockServer
from nebula_schemas.catalogue import Family, Model, Parameter, catalogue

PICTURE = "https://images.example.com/cat.png"
LOUD = "doubao-seedance-1-5-pro-251215"

Asked = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shared_mock() -> Iterator[MockServer]:
    """A provider for many examples; its clock moves when a client pauses."""
    with MockServer(clock="manual", seed=7) as mock:
        yield mock


@pytest.fixture(scope="module")
def shared_client(shared_mock: MockServer) -> Iterator[VideoClient]:
    """A client of the shared provider."""
    with client_of(shared_mock) as client:
        yield client


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A provider without tasks."""
    with MockServer(clock="manual", seed=7) as mock:
        yield mock


@pytest.fixture
def client(mock: MockServer) -> Iterator[VideoClient]:
    """A client of it."""
    with client_of(mock) as client:
        yield client


def client_of(mock: MockServer) -> VideoClient:
    """A client whose pauses move the provider's clock."""
    return VideoClient("sk-test", mock.url, sleep=mock.advance, monotonic=mock.clock.now)


def values_of(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values of a parameter that the documents promise to use as they are."""
    if parameter.allowed:
        return st.sampled_from(parameter.allowed)
    if parameter.form == "image":
        return st.just([PICTURE] if parameter.type == "array" else PICTURE)
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(parameter.minimum or 0, min(parameter.maximum or 2**31, 2**31)),
        "boolean": st.booleans(),
        "string": st.text(min_size=1),
    }
    return by_type[parameter.type]


def is_free(model: Model, parameter: Parameter) -> bool:
    """Whether a caller can set it for that model, and it leaves the others as they are."""
    fits = parameter.belongs_to(model.modes, model.id)
    stands_alone = parameter.part_of is None and parameter.form != "remix" and parameter.ignored_with is None
    return fits and stands_alone and parameter.name not in model.fixed


def requests_of(family: Family, model: Model) -> st.SearchStrategy[Asked]:
    """Requests for one model, with any of its parameters."""
    choices = {p.name: values_of(p) for p in family.parameters if is_free(model, p)}
    needed = {p.name: values_of(p) for p in family.parameters if set(p.required_modes) & set(model.modes)}
    more = {name: values for name, values in choices.items() if name not in needed}
    parameters = st.fixed_dictionaries(needed, optional=more)
    return parameters.map(lambda chosen: (model.id, chosen))


def requests(name: str) -> st.SearchStrategy[Asked]:
    """Requests for any model of a family."""
    family = catalogue().family(name)
    return st.one_of([requests_of(family, model) for model in family.models])


def bytes_of(mock: MockServer, task_id: str, index: int = 0) -> bytes:
    """The bytes of a task's video, from the provider itself."""
    (task,) = (task for task in mock.tasks if task.task_id == task_id)
    return b"".join(mock._provider.film(task, index).read())


@pytest.mark.parametrize("family", ["seedance", "sora", "veo", "wan"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_asked_for_is_made(
    shared_mock: MockServer, shared_client: VideoClient, family: str, data: st.DataObject
) -> None:
    model, parameters = data.draw(requests(family))
    submission = shared_client.submit("A cat", model=model, **parameters)
    task = shared_mock.tasks[-1]
    assert (submission.task_id, submission.model) == (task.task_id, task.model.id) == (task.task_id, model)
    assert {name: task.parameters.get(name) for name in parameters} == parameters
    assert task.prompt.startswith("A cat")
    assert submission.price_usd == task.price_usd


@pytest.mark.parametrize("family", ["seedance", "sora", "veo", "wan"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_made_is_written_byte_for_byte(
    shared_mock: MockServer,
    shared_client: VideoClient,
    tmp_path_factory: pytest.TempPathFactory,
    family: str,
    data: st.DataObject,
) -> None:
    model, parameters = data.draw(requests(family))
    path = tmp_path_factory.mktemp("round") / "cat.mp4"
    submission = shared_client.submit("A cat", model=model, **parameters)
    assert not shared_client.query(submission.task_id).is_terminal
    done = shared_client.wait(submission.task_id)
    assert (done.status, done.error) == ("succeeded", None)
    whole = bytes_of(shared_mock, submission.task_id)
    video = shared_client.download(done, path)
    assert video == Video(
        path, len(whole), hashlib.sha256(whole).hexdigest(), submission.task_id, video.size_checked
    )
    assert path.read_bytes() == whole


@pytest.mark.parametrize("model", ["sora-2", "veo-3.1-generate-preview", "wan2.5-t2v-preview", LOUD])
def test_a_task_id_is_all_that_a_download_needs(
    mock: MockServer, client: VideoClient, tmp_path: Path, model: str
) -> None:
    """It may come from another process, days later."""
    task_id = client.submit("A cat", model=model).task_id
    mock.advance(10)
    video = client.download(task_id, tmp_path / "cat.mp4")
    assert (tmp_path / "cat.mp4").read_bytes() == bytes_of(mock, task_id)
    assert video.task_id == task_id


def test_generate_is_submit_wait_and_download(mock: MockServer, client: VideoClient, tmp_path: Path) -> None:
    submissions: list[Submission] = []
    updates: list[tuple[str, int]] = []

    def on_update(task: Task, polls: int) -> None:
        updates.append((task.status, polls))

    made = client.generate(
        "A cat",
        tmp_path / "cat.mp4",
        model="sora-2",
        seconds=8,
        on_submit=submissions.append,
        on_update=on_update,
    )
    assert submissions == [made.submission]
    assert (made.submission.price_usd, made.task.status) == (Decimal("0.80"), "succeeded")
    assert updates[-1] == ("succeeded", made.polls)
    assert [polls for _, polls in updates] == list(range(1, made.polls + 1))
    assert made.video.path.read_bytes() == bytes_of(mock, made.task.task_id)


def test_several_samples_go_to_numbered_files(mock: MockServer, client: VideoClient, tmp_path: Path) -> None:
    made = client.generate(
        "A cat", tmp_path / "cat.mp4", model="veo-3.1-fast-generate-preview", sampleCount=3
    )
    task_id = made.task.task_id
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {
        name: bytes_of(mock, task_id, index)
        for index, name in enumerate(["cat.mp4", "cat-2.mp4", "cat-3.mp4"])
    }
    assert [video.path.name for video in made.videos] == ["cat.mp4", "cat-2.mp4", "cat-3.mp4"]


@pytest.mark.parametrize("name", ["cat.mp4", "nowhere/cat.mp4", "folder", "link", "cat.mp4/cat.mp4"])
def test_nothing_is_submitted_when_the_file_cannot_be_written(
    mock: MockServer, client: VideoClient, tmp_path: Path, name: str
) -> None:
    (tmp_path / "cat.mp4").write_bytes(b"the old video")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError) as caught:
        client.generate("A cat", tmp_path / name, model="sora-2")
    assert caught.value.path == tmp_path / name
    assert mock.tasks == ()
    assert (tmp_path / "cat.mp4").read_bytes() == b"the old video"


def test_nothing_is_submitted_when_a_later_file_cannot_be_written(
    mock: MockServer, client: VideoClient, tmp_path: Path
) -> None:
    (tmp_path / "cat-3.mp4").write_bytes(b"the old video")
    with pytest.raises(OutputError, match=r"cat-3\.mp4: it exists already"):
        client.generate("A cat", tmp_path / "cat.mp4", model="veo-3.1-fast-generate-preview", sampleCount=3)
    assert mock.tasks == ()
    assert [entry.name for entry in tmp_path.iterdir()] == ["cat-3.mp4"]


def test_a_folder_is_no_file_for_several_samples_either(mock: MockServer, client: VideoClient) -> None:
    with pytest.raises(OutputError):
        client.generate("A cat", "/", model="veo-3.1-fast-generate-preview", sampleCount=3)
    assert mock.tasks == ()


def test_a_value_of_the_wrong_type_is_an_error_of_ours(client: VideoClient, tmp_path: Path) -> None:
    with pytest.raises(NebulaError, match="duration"):
        client.generate("A cat", tmp_path / "cat.mp4", model="wan2.5-t2v-preview", duration="5")


@pytest.mark.parametrize("timeout_s", [-1, float("nan")])
def test_nothing_is_submitted_when_the_wait_cannot_work(
    mock: MockServer, client: VideoClient, tmp_path: Path, timeout_s: float
) -> None:
    with pytest.raises(ConfigurationError):
        client.generate("A cat", tmp_path / "cat.mp4", model="sora-2", timeout_s=timeout_s)
    assert mock.tasks == ()


def test_an_old_file_is_replaced_only_when_allowed(
    mock: MockServer, client: VideoClient, tmp_path: Path
) -> None:
    (tmp_path / "cat.mp4").write_bytes(b"the old video")
    made = client.generate("A cat", tmp_path / "cat.mp4", model="sora-2", overwrite=True)
    assert (tmp_path / "cat.mp4").read_bytes() == bytes_of(mock, made.task.task_id)


def test_a_wait_that_is_given_up_keeps_the_old_file_and_the_id(
    mock: MockServer, client: VideoClient, tmp_path: Path
) -> None:
    (tmp_path / "cat.mp4").write_bytes(b"the old video")
    with pytest.raises(WaitTimeoutError) as caught:
        client.generate("A cat", tmp_path / "cat.mp4", model="sora-2", overwrite=True, timeout_s=3)
    assert caught.value.task_id == mock.tasks[0].task_id
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"cat.mp4": b"the old video"}


def test_a_query_tells_what_the_family_tells(mock: MockServer, client: VideoClient) -> None:
    submission = client.submit("A cat", model="sora-2")
    mock.advance(6)
    task = client.query(submission.task_id)
    assert (task.status, task.progress_percent, task.urls) == ("in_progress", 59, ())
    assert (task.metadata["status"], task.metadata["seconds"]) == ("in_progress", "4")
    assert dict(task.extra) == {"format": "mp4"}
    assert task.request_id


def test_threads_may_share_a_client(mock: MockServer, client: VideoClient, tmp_path: Path) -> None:
    def finish() -> None:
        mock.advance(10)

    finished = threading.Barrier(6, action=finish, timeout=30)
    differing: list[str] = []

    def generate(number: int) -> None:
        path = tmp_path / f"{number}.mp4"
        submission = client.submit(f"Cat {number}", model="sora-2")
        differing.append(path.name)
        finished.wait()
        client.download(client.wait(submission.task_id), path)
        if path.read_bytes() == bytes_of(mock, submission.task_id):
            differing.remove(path.name)

    threads = [threading.Thread(target=generate, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differing == []
    assert {task.prompt for task in mock.tasks} == {f"Cat {number}" for number in range(6)}
    assert len(list(tmp_path.iterdir())) == 6
