"""A record to a verdict: every check at everything it can look at, then findings, coverage and variants."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nebula_contract.judging.coverage import cells_of
from nebula_contract.judging.findings import LEVELS, Broken, CheckRun, Finding, Level, Verdict, finding_id
from nebula_contract.judging.reading import read_run
from nebula_contract.judging.registry import Check, Found, Scope, all_checks
from nebula_contract.judging.variants import variants_of
from nebula_contract.judging.views import RunView, Seen, TaskHistory
from nebula_contract.record.exchange import Exchange

_MOST_SHOWN = 5
OF_TROUBLE = frozenset({"NC107", "NC108", "NC113", "NC701"})
"""What a live run must not take for drift: limits, trouble of the provider, lost connections, our own key's standing."""

Group = tuple[str, str, str, str, str, str]


@dataclass(slots=True)
class _Tally:
    """What one run of the checks has counted."""

    looked_there: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    groups: dict[Group, list[tuple[Check, Broken, Exchange]]] = field(default_factory=dict)
    quarantined: list[str] = field(default_factory=list)


def judge(
    exchanges: Iterable[Exchange],
    *,
    is_mock: bool,
    is_live: bool = False,
    paid_families: Iterable[str] = (),
    only: Sequence[str] = (),
) -> Verdict:
    """Everything that the record shows.

    Args:
        exchanges: The run, in order.
        is_mock: Whether the target says that it is a mock: what can be arranged there must have been seen.
        is_live: Whether it was a live run: trouble of the provider is then no finding.
        paid_families: The families for which a live plan paid.
        only: Codes of checks; empty for all.
    """
    return judge_run(
        read_run(exchanges, is_mock=is_mock), is_live=is_live, paid_families=paid_families, only=only
    )


def judge_run(
    run: RunView, *, is_live: bool, paid_families: Iterable[str] = (), only: Sequence[str] = ()
) -> Verdict:
    """The same, of a run that was read already."""
    every = [*run.exchanges, *run.by_client]
    by_number = {one.number: one for one in every}
    seen_by_number = {seen.exchange.number: seen for seen in run.seen}
    tally = _Tally()
    checks = [check for check in all_checks() if not only or check.code in only]
    scopes = {scope: [(one, _place_of(one)) for one in those] for scope, those in _every(run).items()}
    for check in checks:
        for looked_at, place in scopes[check.scope]:
            found = _found(check, looked_at, tally)
            if found is None:
                continue
            tally.looked_there[check.code, *place] += 1
            for broken in found:
                exchange = by_number.get(broken.number)
                if exchange is not None:
                    group = _group(check, broken, exchange, seen_by_number.get(broken.number))
                    tally.groups.setdefault(group, []).append((check, broken, exchange))
    findings = [_finding(group, those, tally) for group, those in tally.groups.items()]
    infra = [one for one in findings if is_live and one.code in OF_TROUBLE]
    families = _families(tally)
    kept = sorted((one for one in findings if one not in infra), key=_order)
    return Verdict(
        findings=tuple(kept),
        checks=tuple(
            CheckRun(
                check.code,
                sum(families[check.code].values()),
                sum(len(those) for group, those in tally.groups.items() if group[0] == check.code),
                families[check.code],
            )
            for check in checks
        ),
        cells=cells_of(run, is_live=is_live, paid_families=paid_families),
        variants=variants_of(run.seen),
        infra=tuple(dict.fromkeys(f"{one.operation}: {one.found}" for one in infra)),
        exchanges=len(every),
        quarantined=tuple(tally.quarantined),
    )


LookedAt = Seen | TaskHistory | RunView


def _every(run: RunView) -> Mapping[Scope, Sequence[LookedAt]]:
    """What checks look at, by scope."""
    return {"run": [run], "exchange": run.seen, "task": run.tasks}


def _found(check: Check, looked_at: LookedAt, tally: _Tally) -> Found:
    try:
        return check.look(looked_at)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        # A check that cannot read what came has judged nothing, and must not take the whole verdict with it.
        tally.quarantined.append(f"{check.code} cannot read {_named(looked_at)}: {type(error).__name__}")
        return None


def _named(looked_at: LookedAt) -> str:
    if isinstance(looked_at, RunView):
        return "the run"
    if isinstance(looked_at, TaskHistory):
        return f"the task of exchange {looked_at.submit.number}"
    return f"exchange {looked_at.exchange.number}"


def _families(tally: _Tally) -> Mapping[str, Counter[str]]:
    """How often each check looked, by family; of a check that never did there is nothing."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (code, _, family), count in tally.looked_there.items():
        counted[code][family] += count
    return counted


def _place_of(looked_at: LookedAt) -> tuple[str, str]:
    """Operation and family of a look, as a finding has them."""
    if isinstance(looked_at, RunView):
        return "run", ""
    if isinstance(looked_at, TaskHistory):
        return "task", looked_at.family.name
    return looked_at.exchange.operation, "" if looked_at.family is None else looked_at.family.name


def _group(check: Check, broken: Broken, exchange: Exchange, seen: Seen | None) -> Group:
    family = "" if seen is None or seen.family is None else seen.family.name
    body = exchange.json
    state = (
        str(body.get("status", ""))[:40] if isinstance(body, dict) and exchange.operation == "query" else ""
    )
    if check.code not in _BY_STATE:
        state = ""
    return check.code, exchange.operation, family, state, broken.location, broken.key


_BY_STATE = frozenset({"NC302", "NC303", "NC307", "NC308"})
"""The checks whose findings differ with the task's status; for others it would say one thing several times."""


def _finding(group: Group, those: list[tuple[Check, Broken, Exchange]], tally: _Tally) -> Finding:
    code, operation, family, state, location, key = group
    plainest = sorted(those, key=lambda one: (_weight(one[2]), one[1].number))
    check, broken, exchange = plainest[0]
    levels = [one.level or check.level for _, one, _ in those]
    body = exchange.json
    told_state = str(body.get("status", ""))[:40] if isinstance(body, dict) else ""
    looked = tally.looked_there.get((code, operation, family)) or tally.looked_there.get(
        (code, "task", family)
    )
    return Finding(
        id=finding_id(code, operation, family, state, location, key),
        code=code,
        level=_worst(levels),
        operation=operation,
        family=family,
        status=exchange.status,
        state=told_state,
        location=location,
        found=broken.found,
        expected=broken.expected,
        seen=len(those),
        of=max(looked or 0, len(those)),
        exchanges=tuple(one.number for _, one, _ in plainest[:_MOST_SHOWN]),
        case=exchange.case,
    )


def _weight(exchange: Exchange) -> int:
    """How much a person has to read to see it again."""
    return len(exchange.request.body or b"") + len(exchange.request.path)


def _worst(levels: Iterable[Level]) -> Level:
    return max(levels, key=LEVELS.index)


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    return -LEVELS.index(finding.level), finding.code, finding.operation, finding.family, finding.location
