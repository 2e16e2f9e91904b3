"""A rule of a scenario: which requests it is about, and what it does to them."""

from dataclasses import dataclass, field

from nebula_mock.core.facts import Facts, Operation
from nebula_mock.core.faults import Fault
from nebula_mock.core.globs import found_in, globbed
from nebula_mock.core.timing import Duration

_FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class Nth:
    """Which requests of an operation, counted from 1 for each account.

    Attributes:
        ones: Exactly these; empty for none by number.
        every: Every so many, such as 3 for the third, the sixth and so on; 0 for none.
    """

    ones: frozenset[int] = frozenset()
    every: int = 0

    def holds(self, number: int) -> bool:
        """Whether the request of that number is one."""
        return number in self.ones or (self.every > 0 and number % self.every == 0)


@dataclass(frozen=True, slots=True)
class Match:
    """What a request must be; a member that is None asks for nothing.

    Attributes:
        operation: What it asks for.
        model: Its model, a pattern with ``*``.
        family: The family of its model.
        account: Whose it is.
        prompt: What stands in its prompt, or with a ``*`` the form of all of it.
        header: Name in lower case, and a pattern for the value.
        task_id: The task that a query or download asks about.
        nth: Which of the account's requests of that operation.
        from_s: Seconds since the scenario began, from which on.
        to_s: Before which.
    """

    operation: Operation | None = None
    model: str | None = None
    family: str | None = None
    account: str | None = None
    prompt: str | None = None
    header: tuple[str, str] | None = field(default=None, repr=False)
    task_id: str | None = None
    nth: Nth | None = None
    from_s: float = 0.0
    to_s: float = _FOR_EVER

    def holds(self, facts: Facts) -> bool:
        """Whether the request is all of that. Pure."""
        return (
            self.operation in (None, facts.operation)
            and self.family in (None, facts.family)
            and self.account in (None, facts.account)
            and self.task_id in (None, facts.told.get("task_id"))
            and (self.nth is None or self.nth.holds(facts.ordinal + 1))
            and self.from_s <= facts.elapsed_s < self.to_s
            and _fits(self.model, facts.model)
            and (self.prompt is None or (facts.prompt is not None and found_in(self.prompt, facts.prompt)))
            and (self.header is None or _fits(self.header[1], facts.headers.get(self.header[0])))
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: What it is called where it is told that it fired, and part of what its draws are for.
        match: Which requests it is about.
        probability: How likely it fires on one of them, 0 to 1.
        times: How often it fires for an account at most; None for no limit.
        delay: How long the answer waits; None for not at all.
        fault: What is done to the request; None for nothing.
    """

    name: str
    match: Match = field(default_factory=Match)
    probability: float = 1.0
    times: int | None = None
    delay: Duration | None = None
    fault: Fault | None = None

    def fires(self, facts: Facts, fired: int, chance: float) -> bool:
        """Whether it fires on a request. Pure.

        Args:
            facts: The request.
            fired: How often it fired for the account before.
            chance: A number of at least 0 and below 1, drawn for this rule and this request.
        """
        may_fire = self.times is None or fired < self.times
        return may_fire and chance < self.probability and self.match.holds(facts)


def _fits(pattern: str | None, text: str | None) -> bool:
    return pattern is None or (text is not None and globbed(pattern, text))
