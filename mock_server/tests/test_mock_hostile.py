"""The promise that nothing anybody sends breaks the server: no 5xx of its own, bounded memory, and it goes on."""

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest

from hostile import hostile_bodies, hostile_ids
from nebula_schemas import problem_table
from served import CAN_MEASURE, Served, served

GENERATIONS = "/v1/video/generations"
KEY = {"Authorization": "Bearer sk-hostile"}
REQUESTS = 2_500
MOST_GROWTH_BYTES = 20 * 1024 * 1024

# What the provider itself answers with 5xx to a bad request; everything else would be a fault of the mock.
OWN_5XX = {
    wire.status
    for problem in problem_table().values()
    for wire in problem.all_answers
    if problem.cause == "consumer" and wire.status >= 500
}

pytestmark = pytest.mark.skipif(not CAN_MEASURE, reason="needs /proc to measure memory")


@pytest.fixture(scope="module", params=["documented", "gateway"])
def server(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A server with some requests behind it, so that what it loads once does not count."""
    with served("--clock", "manual", "--dialect", request.param) as started:
        for _ in submits(started, 200):
            pass
        yield started


def submits(server: Served, count: int) -> Iterator[int]:
    """The status of the answer to each hostile submit."""
    for media_type, body in itertools.islice(hostile_bodies(), count):
        yield server.status("POST", GENERATIONS, {**KEY, "Content-Type": media_type}, body)


def check(server: Served, statuses: Iterator[int]) -> None:
    """Assert that all answers are those of a provider, and that the server is as it was."""
    before = server.resident_bytes()
    found = Counter(statuses)
    strange = {status for status in found if status >= 500} - OWN_5XX
    assert not strange, f"found {found}, expected no 5xx but {sorted(OWN_5XX)}"
    assert found.total() == REQUESTS
    grown = server.resident_bytes() - before
    assert grown < MOST_GROWTH_BYTES, f"grown by {grown / 2**20:.1f} MiB"
    assert server.status("GET", "/_mock/health") == 200


def test_hostile_submits_break_nothing(server: Served) -> None:
    check(server, submits(server, REQUESTS))


def test_hostile_queries_break_nothing(server: Served) -> None:
    ids = itertools.islice(hostile_ids(), REQUESTS)
    check(server, (server.status("GET", f"{GENERATIONS}/{one}", KEY) for one in ids))


def test_hostile_downloads_break_nothing(server: Served) -> None:
    ids = itertools.islice(hostile_ids(), REQUESTS)
    check(server, (server.status("GET", f"{GENERATIONS}/download?id={one}", KEY) for one in ids))
