"""Forms that a consumer may still meet are valid; those of servers that are gone are not."""

import json
from importlib import resources
from typing import Any

import pytest

from nebula_schemas import contract

DATA = resources.files("nebula_schemas")


def read(example: str) -> Any:
    """An example file of the package."""
    return json.loads((DATA / example).read_text("utf-8"))


TOLERATED = [
    pytest.param("query/response", "query/examples/queued/valid/older-sora-page.json", marks=pytest.mark.proves("query.sora.flat")),
    pytest.param("query/response", "query/examples/in_progress/valid/older-sora-page.json", marks=pytest.mark.proves("query.sora.flat")),
    pytest.param("query/response", "query/examples/succeeded/valid/older-sora-page.json", marks=pytest.mark.proves("query.sora.flat.succeeded")),
    pytest.param("query/response", "query/examples/failed/valid/older-sora-page.json", marks=pytest.mark.proves("query.sora.flat.failed")),
    pytest.param("query/response", "query/examples/queued/valid/internal-page.json", marks=pytest.mark.proves("query.nulls")),
    pytest.param("query/response", "query/examples/in_progress/valid/empty-url-and-nulls.json", marks=pytest.mark.proves("query.nulls")),
    pytest.param("query/response", "query/examples/in_progress/valid/no-url.json", marks=pytest.mark.proves("query.url.absent")),
    pytest.param("query/response", "query/examples/failed/valid/veo-without-format.json", marks=pytest.mark.proves("query.veo.failed")),
    pytest.param("query/response", "query/examples/succeeded/valid/veo-data-uri.json", marks=pytest.mark.proves("query.veo.data-uri")),
    pytest.param("submit/response", "submit/examples/response/valid/gateway-sora.json", marks=pytest.mark.proves("submitted.sora.metadata")),
    pytest.param("download/response", "download/examples/response/valid/without-data-url.json", marks=pytest.mark.proves("download.no-data-url")),
    *[
        pytest.param("errors/any", f"errors/examples/internal-page/valid/{code}.json", marks=pytest.mark.proves("errors.internal-page"))
        for code in ("invalid-model", "quota-exhausted", "rate-limit-exceeded", "task-not-found")
    ],
]  # fmt: skip


@pytest.mark.parametrize(("schema", "example"), TOLERATED)
def test_a_form_that_one_source_shows_is_valid(schema: str, example: str) -> None:
    assert contract().violations(schema, read(example)) == ()


DRIFT = [
    pytest.param("submit/response", "submit/examples/response/invalid/required-task-id-of-the-older-site-page.json", marks=pytest.mark.proves("submitted.older-site", "old-site.response")),
    pytest.param("submit/response", "submit/examples/response/invalid/required-task-id-of-the-2025-envelope.json", marks=pytest.mark.proves("submitted.kling")),
    pytest.param("query/response", "query/examples/response/invalid/required-status-of-the-2025-envelope.json", marks=pytest.mark.proves("query.kling", "query.aug-2025")),
    pytest.param("query/response", "query/examples/response/invalid/enum-pending.json", marks=pytest.mark.proves("submitted.older-site")),
    *[
        pytest.param("query/response", f"query/examples/response/invalid/enum-upper-case{word}.json", marks=pytest.mark.proves("query.kling.statuses"))
        for word in ("-not-start", "-submitted", "-queued", "-in-progress", "", "-failure", "-unknown")
    ],
]  # fmt: skip


@pytest.mark.parametrize(("schema", "example"), DRIFT)
def test_a_form_of_a_server_that_is_gone_is_told_as_drift(schema: str, example: str) -> None:
    assert contract().violations(schema, read(example))


@pytest.mark.proves("submitted.kling.gateway")
def test_a_bare_id_is_taken_of_families_of_today_alone() -> None:
    veo = read("submit/examples/response/valid/veo.json")
    assert contract().violations("submit/response", {"task_id": veo["task_id"]}) == ()
    assert contract().violations("submit/response", {"task_id": "831925034"})
