"""Facts about downloads."""

from typing import get_args

import pytest

from asking import LEAST, LONG, Consumer
from nebula_schemas import contract
from nebula_schemas.catalogue import Dialect

both = pytest.mark.parametrize("dialect", get_args(Dialect))
PAGE_SAMPLE_BYTES = 15_728_640


@pytest.mark.proves("download.doubled", "download.size", "download.body")
@both
def test_fifteen_mib_of_video_are_42_mb_of_json(dialect: Dialect) -> None:
    asked = Consumer(dialect, video_size_bytes=PAGE_SAMPLE_BYTES)
    task_id = asked.ended(LEAST["sora"])["task_id"]
    answer = asked.get(f"/download?id={task_id}")
    body = answer.get_json()
    assert body["data_url"] == "data:video/mp4;base64," + body["base64"]
    assert body["size"] == PAGE_SAMPLE_BYTES
    assert round(len(answer.data) / 1e6) == 42


@pytest.mark.proves("download.ftyp", "download.ids")
@both
def test_the_base64_begins_as_on_the_page_and_the_ids_are_the_one_asked_for(dialect: Dialect) -> None:
    asked = Consumer(dialect)
    task_id = asked.ended(LEAST["sora"])["task_id"]
    body = asked.get(f"/download?id={task_id}").get_json()
    assert body["base64"].startswith("AAAAIGZ0eXBpc29t")
    assert body["generation_id"] == body["task_id"] == task_id


@pytest.mark.proves("download.success", "download.no-checks", "errors.download.no-file")
@both
def test_a_failed_download_is_an_error_object_and_never_a_falsy_success(dialect: Dialect) -> None:
    asked = Consumer(dialect)
    unfinished = asked.submit(LEAST["sora"])["task_id"]
    veo = asked.submit(LEAST["veo"])["task_id"]
    for path in ("/download", "/download?id=none", f"/download?id={unfinished}", f"/download?id={veo}"):
        answer = asked.get(path)
        assert answer.status_code in {400, 404, 502}
        assert set(answer.get_json()) == {"error"}
        contract().check("errors/e3", answer.get_json())
    asked.clock.advance(LONG)
    assert asked.get(f"/download?id={veo}").status_code == 502
