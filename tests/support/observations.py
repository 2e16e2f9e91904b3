"""Observations for tests of drift: written as they stand in files, and any at all."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from nebula_contract.drift.document import Dated, Observed
from nebula_contract.drift.observation import (
    CellKey,
    CellSeen,
    LifeSeen,
    Observations,
    RequestsSeen,
    Span,
    Trait,
)
from nebula_contract.judging.registry import all_checks
from nebula_contract.record.run import RunHeader

LIVE = RunHeader("0.1.0", "https://video.example", "live", "2027-03-01T08:00:00Z", plan="sha256:2")

Cells = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Cell to trait to value to how often, by the names that they have in files."""


def observations(cells: Cells | None = None, **others: Any) -> Observations:
    """Observations of those cells; ``others`` as in ``Observations``."""
    found = Observations(**others)
    for name, traits in (cells or {}).items():
        seen = {Trait.of(trait): Counter(values) for trait, values in traits.items()}
        samples = max((values.total() for values in seen.values()), default=0)
        found.cells[CellKey.of(name)] = CellSeen(samples, seen)
    return found


def observed_on(seen: Observations, day: str, plan: str = "sha256:1") -> Observed:
    """A baseline of which everything was seen on one day."""
    when = Dated(f"{day}T06:00:00Z", plan, "https://video.example", "0.1.0")
    families = dict.fromkeys({*seen.lives, *seen.requests}, when)
    return Observed(seen, dict.fromkeys(seen.cells, when), families, when)


FAMILIES = ("-", "sora", "veo", "wan", "seedance")
STATES = ("-", "*", "queued", "in_progress", "succeeded", "failed")
_names = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=8)
_times = st.integers(1, 6)
_words = (
    st.sampled_from(["string", "null", "absent", "object", "integer", "number", "<task>", "https-url"])
    | _names
)
_values = st.dictionaries(_words, _times, min_size=1, max_size=3).map(Counter)
_places = st.sampled_from(["", "/url", "/metadata", "/metadata/id", "/a~1b", "/ "]) | _names.map("/{}".format)
_traits = st.builds(
    Trait, st.sampled_from(["type", "word", "form", "header", "media", "answer", "docs", "language"]), _places
)
keys = st.builds(
    CellKey,
    st.sampled_from(FAMILIES),
    st.sampled_from(["submit", "query", "download", "result"]),
    st.sampled_from(["ok", "unknown-task", "invalid-key|missing-key"]),
    st.sampled_from(STATES),
)
"""Any kind of answer."""

_seconds = st.integers(0, 10**6).map(lambda thousandths: thousandths / 1000)
_spans = st.builds(
    lambda count, three: Span(count, *sorted(three)), _times, st.lists(_seconds, min_size=3, max_size=3)
)
_lives = st.builds(
    LifeSeen,
    _times,
    st.dictionaries(_names, _times, max_size=2).map(Counter),
    st.dictionaries(st.sampled_from(["to succeeded", "poll lag", "answer query"]), _spans, max_size=2),
    st.dictionaries(st.sampled_from(STATES[2:]), _times, max_size=2).map(Counter),
)
_features = st.sampled_from(
    ["model=veo-3", "duration=5", "duration=10", "duration as seconds", "without seed", "prompt"]
)
_refused = st.tuples(
    st.frozensets(_features, min_size=1), st.sampled_from(["400 e1 a/b", "503 e1 c/d"]), st.integers(1, 99)
)
_requests = st.builds(
    RequestsSeen,
    st.dictionaries(_features, _times, max_size=4).map(Counter),
    st.lists(_refused, max_size=3),
)
_codes = sorted(check.code for check in all_checks())


@st.composite
def any_observations(draw: st.DrawFn, most: int = 4) -> Observations:
    """What some run says, of at most so many kinds of answers."""
    cells = draw(
        st.dictionaries(
            keys, st.builds(CellSeen, _times, st.dictionaries(_traits, _values, max_size=4)), max_size=most
        )
    )
    looked = draw(st.dictionaries(st.sampled_from(_codes), _times, max_size=3))
    broken = draw(st.sets(st.sampled_from(_codes).filter(lambda code: code not in looked), max_size=2))
    families = st.sampled_from(FAMILIES[1:])
    return Observations(
        cells,
        draw(st.dictionaries(families, _lives, max_size=2)),
        draw(st.dictionaries(families, _requests, max_size=2)),
        looked,
        {f"{code} query wan /url" for code in broken},
        draw(st.dictionaries(_names, st.dictionaries(_names, _times, min_size=1).map(Counter), max_size=2)),
    )
