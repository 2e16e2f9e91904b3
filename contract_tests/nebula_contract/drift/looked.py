"""What a run has looked at, as places: an acceptance of what was not looked at is never dropped."""

from collections.abc import Iterator

from nebula_contract.drift.comparing.requests import TOGETHER, WHOLE
from nebula_contract.drift.finding import Place
from nebula_contract.drift.observation import NONE, OK, Observations


def looked_places(now: Observations) -> Iterator[Place]:
    """A place for each kind of answer and for each check that looked; their location stays empty.

    The place of a check has its code for an outcome, that of a feature of requests is the feature's.
    """
    for family, requests in now.requests.items():
        refused = (feature for features, _, _ in requests.refused for feature in features)
        for feature in dict.fromkeys((WHOLE, TOGETHER, *requests.accepted, *refused)):
            yield Place("submit", family, OK, "", feature)
    for key in now.cells:
        state = "" if key.state == NONE else key.state
        family = "" if key.family == NONE else key.family
        yield Place(key.operation, family, key.outcome, state, "")
    for code in (*now.checks, *(name.partition(" ")[0] for name in now.broken)):
        yield Place("", "", code, "", "")
    if now.variants:
        yield Place("run", "", "", "", "")
