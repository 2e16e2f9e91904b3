"""What a live run sends, drawn up beforehand: free checks, reads of known tasks, and one paid job a family.

Pure: the same arguments give the same plan on every machine and on every day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nebula_contract.live.bodies import body_text, cheapest_body, models_without_picture
from nebula_contract.live.case import Case, Plan
from nebula_contract.live.money import ZERO
from nebula_contract.live.plan_free import free_cases, known_cases, rejection_cases
from nebula_contract.live.plan_job import job_cases
from nebula_contract.live.price_bound import bound_usd, every_price
from nebula_contract.live.words import Words
from nebula_schemas.catalogue import Family, catalogue

_UNDER_FUNDED_PER_FAMILY = 4


@dataclass(frozen=True, slots=True)
class Wish:
    """What a plan is asked to hold.

    Attributes:
        families: Names of families for paid jobs; all where empty.
        most_usd: The worst case in US dollars that may not be passed; None for no limit.
        probes_rejections: Whether bad bodies are also sent with a good key, each at full price.
        under_funded: Whether generated bodies are sent with the key of an account that cannot pay them.
        seed: What made-up words and generated bodies are drawn from.
    """

    families: tuple[str, ...] = ()
    most_usd: Decimal | None = None
    probes_rejections: bool = False
    under_funded: bool = False
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Made:
    """A plan, and the names of the cases that ``most_usd`` left no room for."""

    plan: Plan
    left_out: tuple[str, ...]


def made_plan(wish: Wish) -> Made:
    """The plan that a wish comes to: free first, then by price; what is paid for last.

    Jobs come before probes where there is no room for all, the cheapest first.

    Raises:
        KeyError: There is no such family.
    """
    families = _families(wish.families)
    word = Words(wish.seed)
    jobs = sorted(
        (job_cases(family, cheapest_body(family, word.prompt(family.name)), word) for family in families),
        key=lambda cases: (_total(cases), cases[0].name),
    )
    probes = rejection_cases(families, word) if wish.probes_rejections else []
    generated = under_funded_cases(families, word) if wish.under_funded else []
    paid_probes = sorted((case for case in probes if case.price_usd), key=lambda case: case.price_usd)
    room = _Room(wish.most_usd)
    kept_jobs = [case for cases in jobs if room.takes(cases) for case in cases]
    kept_probes = [case for case in paid_probes if room.takes([case])]
    kept_generated = [case for case in generated if room.takes([case])]
    cases = [
        *free_cases(families, word),
        *(case for case in probes if not case.price_usd),
        *known_cases(families),
        *kept_generated,
        *kept_probes,
        *kept_jobs,
    ]
    return Made(Plan(wish.seed, tuple(cases)), tuple(room.left_out))


class _Room:
    """How much of the limit is taken."""

    def __init__(self, most_usd: Decimal | None) -> None:
        self.left_out: list[str] = []
        self._most, self._taken = most_usd, ZERO

    def takes(self, cases: Sequence[Case]) -> bool:
        price = _total(cases)
        if self._most is not None and self._taken + price > self._most:
            self.left_out.append(cases[0].name)
            return False
        self._taken += price
        return True


def _total(cases: Iterable[Case]) -> Decimal:
    return sum((case.price_usd for case in cases), ZERO)


def _families(names: Sequence[str]) -> list[Family]:
    documented = catalogue()
    chosen = [documented.family(name) for name in dict.fromkeys(names)] or list(documented.families)
    return sorted(chosen, key=lambda family: family.name)


def under_funded_cases(families: Sequence[Family], word: Words) -> list[Case]:
    """Generated bodies that an account with too little to spend must be refused (403), each at full price."""
    return [
        _under_funded(family, number, word)
        for family in families
        for number in range(_UNDER_FUNDED_PER_FAMILY)
    ]


def _under_funded(family: Family, number: int, word: Words) -> Case:
    matter = f"under-funded {family.name} {number}"
    models = models_without_picture(family)
    model = models[word.number(f"{matter} model", len(models))]
    ways = [values for _, values in every_price(family, model)]
    body = body_text(family, model, word.prompt(matter), ways[word.number(matter, len(ways))])
    return Case(
        name=f"under-funded/{family.name}/{number + 1}",
        group="under-funded",
        purpose="generated",
        method="POST",
        path="/v1/video/generations",
        credential="reduced",
        expects=("quota-not-enough",),
        price_usd=bound_usd(body.encode()),
        body=body,
        headers={"content-type": "application/json"},
    )
