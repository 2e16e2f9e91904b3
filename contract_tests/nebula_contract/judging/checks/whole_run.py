"""NC9: what only the whole run shows: one side of a contradiction, one form, no undocumented members."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from nebula_contract.judging.checks.downloads import given
from nebula_contract.judging.checks.queries import own_read
from nebula_contract.judging.checks.submits import is_taken
from nebula_contract.judging.documented import is_documented
from nebula_contract.judging.findings import Broken
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.members import places
from nebula_contract.judging.registry import Found, exchange_check, run_check
from nebula_contract.judging.variants import FIRST_STATUS, sides_of
from nebula_contract.judging.views import RunView, Seen

_MOSTLY = 0.9
_ENOUGH, _FEW = 8, 3
_WITH_TIME = frozenset(
    {"/metadata/output/scheduled_time", "/metadata/output/end_time", "/metadata/generate_audio"}
)
"""Members that come or go while the status stays, as the task goes on."""
_TOLD_ELSEWHERE = _WITH_TIME | frozenset(
    {"/task_id", "/status", "/format", "/url", "/error", "/size", "/base64", "/success"}
)
"""Members about which every single answer is judged."""


@exchange_check(
    "NC901",
    "no-undocumented-members",
    "additive",
    promise="A success has the members that a source documents for it, and no others.",
    cause="The provider added a member.",
    remedy="Consumer: ignore it. Contract: add it with its source.",
    source="PAGE, DOC, SRC",
)
def undocumented(seen: Seen) -> Found:
    kind = _kind(seen)
    if kind is None:
        return None
    found = dict.fromkeys(place for place, _ in places(seen.json) if not is_documented(kind, place))
    outer = [one for one in found if not any(other in found for other in _above(one))]
    return [broken(seen, Words("a member nobody documents"), "documented members", one) for one in outer]


def _above(place: str) -> Iterator[str]:
    """The places that hold it; a hostile answer may have thousands of members, so they are not all compared."""
    return (place[:at] for at, sign in enumerate(place) if sign == "/")


def _kind(seen: Seen) -> str | None:
    if is_taken(seen) and seen.family is not None and isinstance(seen.json, dict):
        return f"submit {seen.family.wire}"
    if own_read(seen) is not None and seen.family is not None:
        return f"query {seen.family.wire}"
    return "download" if given(seen) else None


@run_check(
    "NC902",
    "one-side-of-a-contradiction",
    "risky",
    promise="Where the sources disagree, the provider takes one side throughout.",
    cause="Two versions answer behind one address, or one answer comes from elsewhere.",
    remedy="Consumer: read both sides. Provider: see which servers differ.",
    source="INF",
)
def one_side(run: RunView) -> Found:
    seen_by: dict[tuple[str, str], dict[str, list[Seen]]] = {}
    for seen in run.seen:
        for matter, side in sides_of(seen):
            seen_by.setdefault((matter, "" if seen.family is None else seen.family.name), {}).setdefault(
                side, []
            ).append(seen)
    if not seen_by:
        return None
    broke: list[Broken] = []
    for (matter, _), sides in seen_by.items():
        if len(sides) > 1 and matter != FIRST_STATUS:
            broke += _fewer(matter, sides)
    return broke


def _fewer(matter: str, sides: dict[str, list[Seen]]) -> Iterator[Broken]:
    ranked = sorted(sides, key=lambda side: -len(sides[side]))
    for side in ranked[1:]:
        for one in sides[side]:
            yield broken(
                one,
                Words(f"{matter}: {side}"),
                f"{ranked[0]}, as {len(sides[ranked[0]])} times",
                key=f"{matter}={side}",
            )


@run_check(
    "NC903",
    "one-form-for-one-status",
    "risky",
    promise="Answers of one model and status have the same members, whoever asks and whatever the prompt.",
    cause="Two versions answer behind one address, or a member is lost now and then.",
    remedy="Consumer: take a missing member for not said. Provider: see which servers differ.",
    source="INF",
)
def one_form(run: RunView) -> Found:
    groups: dict[tuple[str, str, str, str], list[Seen]] = {}
    for seen in run.seen:
        key = _group(seen)
        if key is not None:
            groups.setdefault(key, []).append(seen)
    large = {key: those for key, those in groups.items() if len(those) >= _ENOUGH}
    if not large:
        return None
    return [one for those in large.values() for one in _lacking(those)]


def _group(seen: Seen) -> tuple[str, str, str, str] | None:
    kind = _kind(seen)
    if kind is None or not isinstance(seen.json, dict):
        return None
    model = seen.task.model if seen.task is not None else ""
    status = str(seen.json.get("status", ""))[:40]
    return kind, model, status, seen.exchange.condition


def _lacking(those: list[Seen]) -> Iterator[Broken]:
    """Answers without a member that nearly all others have, or that all of one kind of asker have."""
    members = [{place for place, _ in places(seen.json) if "[]" not in place} for seen in those]
    counts = Counter(place for one in members for place in one)
    usual = {place: "" for place, count in counts.items() if _MOSTLY <= count / len(those) < 1}
    for what, kind_of in _KINDS.items():
        usual |= dict.fromkeys(_split(those, members, kind_of), f", by {what}")
    for seen, has in zip(those, members, strict=True):
        lacks = set(usual) - has - _TOLD_ELSEWHERE
        for place in sorted(lacks):
            if not any(place.startswith(f"{other}/") for other in lacks):
                share = f"{counts[place]} of {len(those)} answers of this kind have{usual[place]}"
                yield broken(seen, Words("no such member"), f"the member, which {share}", place)


def _split(those: list[Seen], members: list[set[str]], kind_of: Callable[[Seen], object]) -> Iterator[str]:
    """Members that every answer of one kind has and no answer of another, of kinds that were seen often enough."""
    by_kind: dict[object, list[set[str]]] = {}
    for seen, has in zip(those, members, strict=True):
        by_kind.setdefault(kind_of(seen), []).append(has)
    often = [sets for sets in by_kind.values() if len(sets) >= _FEW]
    always = [set.intersection(*sets) for sets in often]
    ever = [set.union(*sets) for sets in often]
    for index, held in enumerate(always):
        for other, seen_there in enumerate(ever):
            if other != index:
                yield from held - seen_there


def _has_plain_prompt(seen: Seen) -> bool:
    asked = seen.task.asked.get("prompt") if seen.task is not None else None
    return not isinstance(asked, str) or asked.isascii()


_KINDS: Mapping[str, Callable[[Seen], object]] = {
    "account": lambda seen: seen.exchange.request.credential,
    "script of the prompt": _has_plain_prompt,
}
