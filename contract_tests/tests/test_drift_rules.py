"""Every rule has a change that falls under it alone, and a mirror that is less or worse as the direction says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from nebula_contract.drift.comparing.requests import TOGETHER, WHOLE
from nebula_contract.drift.finding import DriftFinding
from nebula_contract.drift.observation import LifeSeen, Observations, RequestsSeen, Span
from nebula_contract.drift.promises import broken_promises, kept_again
from nebula_contract.drift.rules import (
    Severities,
    all_rules,
    rule_of,
)
from nebula_contract.drift.variants import variant_findings
from nebula_contract.drift.witnesses import Witnesses, weighed
from nebula_contract.judging.findings import LEVELS, Finding
from nebula_contract.judging.registry import all_checks
from nebula_schemas.catalogue import Dialect
from observations import observations

CHANGES = {rule.id: rule for rule in all_rules().values() if rule.id.startswith("DR")}
PROMISES = {rule.id: rule for rule in all_rules().values() if not rule.id.startswith("DR")}

QUERY, SUBMIT = "wan/query/ok/succeeded", "wan/submit/ok/-"
STRANGER, KEYLESS, WRONG = "-/query/unknown-task/-", "-/query/missing-key/-", "wan/submit/invalid-size/-"


@dataclass(frozen=True)
class Golden:
    """Two observations that differ in one way.

    Attributes:
        before: What was seen.
        after: What is.
        key: Of the change.
        back: Of the change backwards.
        mocks: What the mock says, where that matters.
    """

    before: Observations
    after: Observations
    key: str
    back: str = ""
    mocks: Mapping[Dialect, Observations] = field(default_factory=dict)


def golden(seen: Iterable[Observations], key: str, back: str = "") -> Golden:
    """Of two observations."""
    before, after = seen
    return Golden(before, after, key, back)


def of_trait(cell: str, trait: str, before: str, after: str, key: str, back: str) -> Golden:
    """A trait of an answer that was one thing and is another; several words joined by blanks."""
    return golden(
        (observations({cell: {trait: dict.fromkeys(words.split(", "), 9)}}) for words in (before, after)),
        key,
        back,
    )


def of_answer(cell: str, before: str, after: str, key: str, back: str) -> Golden:
    """An answer as a whole."""
    return of_trait(cell, "answer", before, after, key, back)


def of_member(before: Mapping[str, int], after: Mapping[str, int], key: str, back: str) -> Golden:
    """The types of a member; the object that has it is there each time."""
    return golden(
        (
            observations({QUERY: {"type": {"object": sum(types.values())}, "type /length": dict(types)}})
            for types in (before, after)
        ),
        key,
        back,
    )


def of_header(*, before: bool, after: bool) -> Golden:
    """A header of every answer, or of none."""
    return golden(
        (
            observations(
                {QUERY: {"answer": {"200 task": 3}, **({"header x-limit": {"present": 3}} if there else {})}}
            )
            for there in (before, after)
        ),
        "",
    )


def of_request(feature: str, *, is_refused: bool, others: int = 2) -> Golden:
    """A feature of requests that is accepted, or refused; ``others`` are accepted beside it."""
    beside = Counter({"prompt": others}) if others else Counter()
    accepted = RequestsSeen(beside + Counter({feature: 1} if others else {"prompt": 1}))
    refused = RequestsSeen(beside, [(frozenset({feature, "prompt"}), "400 e1 a/b", 7)])
    seen = [Observations(requests={"wan": one}) for one in (accepted, refused)]
    return golden((seen if is_refused else reversed(seen)), feature, feature)


def of_status(new: str, *, is_last: bool, comes: bool) -> Golden:
    """A status more, or less, in which tasks stay or which they leave."""

    def seen(*statuses: str) -> Observations:
        last = Counter({"succeeded": 3, **({new: 3} if is_last and new in statuses else {})})
        return observations(
            {"wan/query/ok/*": {"word /status": dict.fromkeys(statuses, 9)}},
            lives={"wan": LifeSeen(3, last=last)},
        )

    before, after = seen("queued", "succeeded"), seen("queued", "succeeded", new)
    return golden(((before, after) if comes else (after, before)), new, new)


def of_span(what: str, before: float, after: float) -> Golden:
    """Something that took so long, and takes so long, in seconds."""
    return golden(
        (Observations(lives={"wan": LifeSeen(2, spans={what: Span(2, s, s, s)})}) for s in (before, after)),
        "",
    )


_MOCKS: Mapping[Dialect, Observations] = {
    "documented": observations({QUERY: {"type": {"object": 3}, "type /a": {"string": 3}}}),
    "gateway": observations({QUERY: {"type": {"object": 3}, "type /b": {"string": 3}}}),
}

GOLDEN: Mapping[str, Golden] = {
    "DR101": of_answer(SUBMIT, "200 task", "201 task", "200>201", "201>200"),
    "DR102": of_answer(STRANGER, "404 e1 a/b", "200 e1 a/b", "404>200", "200>404"),
    "DR103": of_answer(STRANGER, "200 e1 a/b", "404 e1 a/b", "200>404", "404>200"),
    "DR104": of_answer(STRANGER, "404 e1 a/b", "404 e2 a/b", "e1>e2", "e2>e1"),
    "DR105": of_answer(STRANGER, "404 e1 a/b", "400 e1 a/b", "404>400", "400>404"),
    "DR106": of_answer(STRANGER, "404 e1 a/b", "404 e1 a/c", "a/b>a/c", "a/c>a/b"),
    "DR107": of_trait(QUERY, "media", "application/json", "text/plain", "application/json>text/plain", "text/plain>application/json"),
    "DR108": of_header(before=True, after=False),
    "DR109": of_header(before=False, after=True),
    "DR111": of_answer(KEYLESS, "401 e1 a/b", "200 task", "", "200>401"),
    "DR112": of_answer(KEYLESS, "200 task", "401 e1 a/b", "200>401", ""),
    "DR113": of_trait(STRANGER, "language", "latin", "han", "han", "latin"),
    "DR115": of_trait(SUBMIT, "envelope", "plain", "wrapped", "wrapped", "plain"),
    "DR116": of_trait(SUBMIT, "envelope", "wrapped", "plain", "plain", "wrapped"),
    "DR201": of_member({"string": 3}, {"absent": 3}, "", "string"),
    "DR202": of_member({"absent": 3}, {"string": 3}, "string", ""),
    "DR203": of_member({"string": 2, "absent": 2}, {"absent": 6}, "", "string"),
    "DR204": of_member({"absent": 6}, {"string": 2, "absent": 2}, "string", ""),
    "DR205": of_member({"string": 5}, {"string": 1, "absent": 2}, "", ""),
    "DR206": of_member({"string": 1, "absent": 2}, {"string": 5}, "", ""),
    "DR207": of_member({"string": 3}, {"null": 3}, "", "null>string"),
    "DR208": of_member({"null": 3}, {"string": 3}, "null>string", ""),
    "DR209": of_member({"string": 9}, {"string": 2, "object": 2}, "string>object/string", "object/string>string"),
    "DR210": of_member({"string": 2, "object": 2}, {"string": 9}, "object/string>string", "string>object/string"),
    "DR211": of_member({"string": 3}, {"object": 3}, "string>object", "object>string"),
    "DR212": of_member({"integer": 3}, {"string": 3}, "integer>string", "string>integer"),
    "DR213": of_member({"string": 3}, {"number": 3}, "string>number", "number>string"),
    "DR214": of_member({"string": 3}, {"array": 3}, "string>array", "array>string"),
    "DR215": of_member({"array": 3}, {"string": 3}, "array>string", "string>array"),
    "DR217": of_trait(QUERY, "word /format", "mp4", "mp4, webm", "webm", "webm"),
    "DR218": of_trait(QUERY, "word /format", "mp4, webm", "mp4", "webm", "webm"),
    "DR219": of_trait(QUERY, "form /task_id", "<task>", "uuid", "<task>>uuid", "uuid><task>"),
    "DR220": of_trait(QUERY, "form /task_id", "uuid", "<task>", "uuid><task>", "<task>>uuid"),
    "DR221": of_trait(QUERY, "form /url", "https-url", "path", "https-url>path", "path>https-url"),
    "DR222": of_trait(QUERY, "docs /length", "new", "new, maximum", "maximum", ""),
    "DR223": of_trait(QUERY, "word /format", "mp4", "MP4", "upper", "lower"),
    "DR224": of_trait(QUERY, "word /format", "mp4, webm", "avi, mkv", "avi+mkv", "mp4+webm"),
    "DR301": of_answer(WRONG, "400 e1 a/b", "200 task", "400>200", "200>400"),
    "DR302": of_answer(WRONG, "200 task", "400 e1 a/b", "200>400", "400>200"),
    "DR303": of_request("without seed", is_refused=True),
    "DR304": of_request("without seed", is_refused=False),
    "DR305": of_request("model=veo-3", is_refused=True),
    "DR306": of_request("model=veo-3", is_refused=False),
    "DR307": of_request("duration as seconds", is_refused=True),
    "DR308": of_request("duration as seconds", is_refused=False),
    "DR309": of_request("duration=10", is_refused=True),
    "DR310": of_request("duration=10", is_refused=False),
    "DR311": of_request(WHOLE, is_refused=True, others=0),
    "DR312": of_request(WHOLE, is_refused=False, others=0),
    "DR407": of_status("archived", is_last=True, comes=True),
    "DR408": of_status("archived", is_last=True, comes=False),
    "DR409": of_status("paused", is_last=False, comes=True),
    "DR410": of_status("paused", is_last=False, comes=False),
    "DR411": of_span("poll lag", 8, 40),
    "DR412": of_span("poll lag", 40, 8),
    "DR413": of_span("to succeeded", 30, 300),
    "DR414": of_span("to succeeded", 300, 30),
    "DR490": Golden(
        Observations(broken={"NC405 query wan /progress"}), Observations(checks={"NC405": 4}), "NC405"
    ),
    "DR601": Golden(
        Observations(variants={"Veo's result": Counter(url=1)}),
        Observations(variants={"Veo's result": Counter(base64=1)}),
        "base64",
        "url",
    ),
    "DR602": Golden(_MOCKS["documented"], _MOCKS["gateway"], "", "", _MOCKS),
}  # fmt: skip


def fired(
    before: Observations, after: Observations, mocks: Mapping[Dialect, Observations]
) -> list[tuple[str, str]]:
    """Rule and key of everything that is told of two observations, each once."""
    witnesses = Witnesses(mocks, before)
    found = weighed(after, witnesses)
    told = [("DR602", "") if one.switched else (one.difference.rule, one.difference.key) for one in found]
    plain: list[DriftFinding] = [
        *kept_again(after, witnesses, Severities()),
        *variant_findings(after, witnesses, Severities(), set()),
    ]
    return list(dict.fromkeys([*told, *((one.rule.id, one.key) for one in plain)]))


def test_every_rule_of_a_change_has_a_golden_pair() -> None:
    assert [*GOLDEN] == [*CHANGES]


@pytest.mark.parametrize("rule", GOLDEN)
def test_a_change_falls_under_its_rule_alone_and_backwards_under_its_mirror(rule: str) -> None:
    pair, mirror = GOLDEN[rule], CHANGES[rule].mirror
    assert fired(pair.before, pair.after, pair.mocks) == [(rule, pair.key)]
    assert fired(pair.after, pair.before, pair.mocks) == ([(mirror, pair.back)] if mirror else [])


@pytest.mark.parametrize("rule", GOLDEN)
def test_what_did_not_change_falls_under_no_rule(rule: str) -> None:
    pair = GOLDEN[rule]
    for one in (pair.before, pair.after):
        assert fired(one, one, pair.mocks) == []


def test_a_promise_that_is_broken_after_it_held_is_told_by_its_check() -> None:
    """The way back of DR490."""
    before, after = GOLDEN["DR490"].after, GOLDEN["DR490"].before
    broken = Finding("1" * 12, "NC405", "breaking", "query", "wan", 200, "", "/progress", "9", "8", 1, 2)
    (told,) = broken_promises([broken], [], after, Witnesses({}, before), Severities(), {})
    assert (told.rule.id, told.rule.mirror, told.verdict.name) == ("NC405", "DR490", "provider_changed")


def test_a_broken_promise_is_as_bad_as_its_check_found_it_and_all_of_it_is_counted() -> None:
    """The worst where a family has several; what a severity file says counts before either."""
    mild = Finding(
        "1" * 12, "NC405", "risky", "query", "wan", 200, "queued", "/progress", "9", "8", 1, 2, (4,)
    )
    bad = replace(mild, level="breaking", state="failed", found="11", seen=3, of=5, exchanges=(7,))

    def told(said: Severities, *those: Finding) -> DriftFinding:
        (one,) = broken_promises(those, [], Observations(), Witnesses({}), said, {})
        return one

    both = told(Severities(), mild, bad)
    assert (told(Severities(), mild).severity, both.severity, both.now) == ("risky", "breaking", "11")
    assert (both.evidence.seen, both.evidence.of, both.evidence.exchanges) == (4, 7, (7, 4))
    assert told(Severities({"NC405": "info"}), mild, bad).severity == "info"


def test_a_key_that_is_asked_for_again_is_the_mirror_of_one_that_was_let_through() -> None:
    """Whatever else the request without a key came to: here the task was unknown."""
    pair = of_answer(KEYLESS, "401 e1 a/b", "404 e1 c/d", "", "404>401")
    assert fired(pair.before, pair.after, {}) == [("DR111", pair.key)]
    assert fired(pair.after, pair.before, {}) == [("DR112", pair.back)]


def test_a_combination_is_refused_where_each_of_its_parts_was_accepted() -> None:
    accepted = Counter({"duration=10": 1, "model=veo-3": 1})
    after = RequestsSeen(accepted, [(frozenset(accepted), "400 e1 a/b", 3)])
    told = fired(
        Observations(requests={"veo": RequestsSeen(accepted)}), Observations(requests={"veo": after}), {}
    )
    assert told == [("DR309", TOGETHER)]


def test_ids_are_unique_and_in_order_and_names_are_words_with_dashes() -> None:
    for those in (CHANGES, PROMISES):
        assert [*those] == sorted(set(those))
    names = [rule.name for rule in all_rules().values()]
    assert len(names) == len(set(names))
    assert all(name and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)
    assert [*PROMISES] == [check.code for check in all_checks()]


def test_every_rule_has_a_mirror_that_has_it_for_its_own_or_a_reason() -> None:
    for rule in CHANGES.values():
        if rule.mirror is None:
            assert len(rule.without_mirror) > 20, rule.id
        else:
            assert (CHANGES[rule.mirror].mirror, rule.without_mirror) == (rule.id, ""), rule.id
    assert {rule.mirror for rule in PROMISES.values()} == {"DR490"}


OPPOSITE = {
    "add": "remove", "generalize": "specialize", "increase": "decrease", "change": "change",
    "remove": "add", "specialize": "generalize", "decrease": "increase",
}  # fmt: skip


def test_a_mirror_is_the_same_axes_backwards() -> None:
    for rule in CHANGES.values():
        if rule.mirror is not None:
            mine, theirs = rule.axes, CHANGES[rule.mirror].axes
            assert (theirs.area, theirs.kind, theirs.direction) == (mine.area, mine.kind, mine.direction), (
                rule.id
            )
            assert theirs.action == OPPOSITE[mine.action], rule.id


WORSE = {
    ("remove", "response", "existence"), ("decrease", "response", "requiredness"), ("generalize", "response", "type"),
    ("specialize", "request", "values"), ("remove", "request", "values"), ("remove", "request", "existence"),
    ("remove", "request", "structure"), ("add", "response", "values"), ("increase", "response", "constraints"),
}  # fmt: skip
"""Actions that are worse than their opposites: a server may accept more and promise more, and neither less."""


def test_a_mirror_pair_is_worse_in_the_direction_that_hurts() -> None:
    compared = 0
    for rule in CHANGES.values():
        axes = rule.axes
        if (axes.action, axes.direction, axes.kind) in WORSE and rule.mirror is not None:
            compared += 1
            mirror = CHANGES[rule.mirror]
            assert LEVELS.index(rule.severity) > LEVELS.index(mirror.severity), rule.id
    assert compared >= 15


@pytest.mark.parametrize(
    ("worse", "better"),
    [("DR201", "DR202"), ("DR205", "DR206"), ("DR309", "DR310"), ("DR302", "DR301"), ("DR303", "DR304")],
)
def test_less_is_worse_than_more(worse: str, better: str) -> None:
    assert CHANGES[worse].severity == "breaking"
    assert LEVELS.index(CHANGES[better].severity) < LEVELS.index("risky")


def test_a_rule_is_found_by_id_and_by_name_in_any_case() -> None:
    assert {rule_of("dr201"), rule_of("DR201"), rule_of("Required-Member-Removed")} == {CHANGES["DR201"]}
    with pytest.raises(KeyError):
        rule_of("DR999")
