"""What ``nebula-contract live`` is told, and from there to a run: each refusal in one sentence, and nothing sent."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from nebula_client.api_key import ApiKey, found_key
from nebula_client.errors import ConfigurationError
from nebula_contract.live.budget import Caps
from nebula_contract.live.ended import LiveEnd
from nebula_contract.live.hosts import HostError, allowed_place
from nebula_contract.live.ledger import Ledger
from nebula_contract.live.ledger_lines import LedgerError
from nebula_contract.live.live import LiveRun
from nebula_contract.live.means import Means
from nebula_contract.live.money import CEILING_USD, MoneyError, cap_in
from nebula_contract.live.plan_file import PlanError, digest_of, read_plan
from nebula_contract.live.recording import Recording, Started
from nebula_contract.live.rehearsal import RehearsalError, Time, time_at
from nebula_contract.record.exchange import Credential

SECOND_KEY, REDUCED_KEY = "NEBULA_SECOND_API_KEY", "NEBULA_REDUCED_API_KEY"


class CannotRunError(click.ClickException):
    """Something is missing or wrong; nothing was sent."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Options:
    """What ``nebula-contract live`` was told, as text where it is judged here."""

    plan: Path
    base_url: str
    allow_host: tuple[str, ...]
    max_spend: str
    max_spend_day: str | None
    max_spend_month: str | None
    ledger: Path
    api_key_file: Path | None
    second_key_file: Path | None
    reduced_key_file: Path | None
    poll_every: float
    deadline: float
    timeout: float


def run_live(
    options: Options,
    recording: Recording,
    environment: Mapping[str, str] = os.environ,
    time: Time | None = None,
) -> LiveEnd:
    """Carry out the plan that the options name.

    Args:
        options: What the command was told.
        recording: Keeps the record.
        environment: Where keys are looked for.
        time: How time passes; None for that of the place.

    Raises:
        CannotRunError: Something is missing or wrong; nothing was sent.
    """
    try:
        plan, raw = read_plan(options.plan)
        caps = _caps(options)
        place = allowed_place(options.base_url, options.allow_host)
        keys = _keys(options, environment)
        if any(key.reveal().encode() in raw for key in keys.values()):
            message = (
                "--plan: found a key of this run in it, expected none: plans are committed. Nothing was sent."
            )
            raise CannotRunError(message)
        time = time or time_at(place)
        means = Means(
            place,
            keys,
            Ledger(options.ledger),
            caps,
            recording.keep,
            recording.doubted,
            time.now,
            time.sleep,
            options.poll_every,
            options.deadline,
            options.timeout,
        )
        run = LiveRun(plan, digest_of(raw), means)
        recording.begin(Started(options.base_url, time.is_mock, digest_of(raw), plan.seed, caps.run_usd))
    except (PlanError, MoneyError, HostError, LedgerError, RehearsalError, ConfigurationError) as error:
        raise CannotRunError(str(error)) from error
    end = run.run()
    return replace(end, verdict_code=recording.end(end))


def _caps(options: Options) -> Caps:
    """The caps; a day may spend what a run may, unless it is told more."""
    run_usd = cap_in(options.max_spend, "--max-spend")
    day_usd = run_usd if options.max_spend_day is None else cap_in(options.max_spend_day, "--max-spend-day")
    month = options.max_spend_month
    return Caps(run_usd, day_usd, CEILING_USD if month is None else cap_in(month, "--max-spend-month"))


def _keys(options: Options, environment: Mapping[str, str]) -> dict[Credential, ApiKey]:
    keys: dict[Credential, ApiKey] = {"own": found_key(None, options.api_key_file, environment)}
    others: tuple[tuple[Credential, Path | None, str], ...] = (
        ("second", options.second_key_file, SECOND_KEY),
        ("reduced", options.reduced_key_file, REDUCED_KEY),
    )
    for credential, file, variable in others:
        given = None if file is not None else environment.get(variable)
        if file is not None or given is not None:
            keys[credential] = found_key(given, file, {})
    if len({key.reveal() for key in keys.values()}) != len(keys):
        message = (
            "Found the same API key under two names, expected a key of another account for each of "
            f"NEBULA_API_KEY, {SECOND_KEY} and {REDUCED_KEY}. Nothing was sent."
        )
        raise CannotRunError(message)
    return keys
