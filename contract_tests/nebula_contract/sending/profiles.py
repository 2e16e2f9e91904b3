"""How much a run sends, as data; and the Hypothesis settings under which inputs are drawn.

Hypothesis only draws: it generates, keeps no database, and neither shrinks nor replays, so that nothing is ever sent
a second time to find out whether it fails again. The profile ``live`` does not even generate: it is there so that a
property that somebody loads it for sends nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, settings


@dataclass(frozen=True, slots=True)
class Profile:
    """How much of everything.

    Attributes:
        name: As given on the command line.
        examples: Generated submits of each class and family.
        tasks_a_family: Tasks that are followed to their end, of each family at most; None for every pair of values.
        machines: Runs of the machine over many tasks at once.
        steps: Steps of each.
        twins: Requests of each family that are sent twice, and once through the client.
        is_derandomized: Whether the inputs are the same in every run where no seed is given.
    """

    name: str
    examples: int
    tasks_a_family: int | None
    machines: int
    steps: int
    twins: int
    is_derandomized: bool = False


PROFILES: Mapping[str, Profile] = {
    one.name: one
    for one in (
        Profile("smoke", examples=2, tasks_a_family=4, machines=1, steps=6, twins=1),
        Profile("quick", examples=10, tasks_a_family=12, machines=4, steps=15, twins=2),
        Profile("mock", examples=40, tasks_a_family=None, machines=16, steps=25, twins=4),
        Profile(
            "mock-ci", examples=100, tasks_a_family=None, machines=30, steps=25, twins=6, is_derandomized=True
        ),
        Profile("nightly", examples=1000, tasks_a_family=None, machines=100, steps=30, twins=20),
    )
}
"""By name; ``mock`` is the default."""

DEFAULT_PROFILE = "mock"


def register_profiles() -> None:
    """Make the profiles known to Hypothesis as ``nebula-NAME``, and ``nebula-live``, under which nothing is drawn."""
    for profile in PROFILES.values():
        settings.register_profile(f"nebula-{profile.name}", generating(profile.examples))
    settings.register_profile(
        "nebula-live", max_examples=1, phases=(Phase.explicit,), database=None, deadline=None
    )


def generating(examples: int, steps: int = 50) -> settings:
    """Settings to draw so many examples, and nothing else."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
