"""The commands ``plan``, ``live`` and ``settle``: what is asked for in words, and each refusal in one sentence."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from nebula_client.addresses import DEFAULT_BASE_URL
from nebula_contract.apart import clash
from nebula_contract.files import replace_file
from nebula_contract.live.case import plan_bytes
from nebula_contract.live.ended import LiveEnd
from nebula_contract.live.ledger import DEFAULT_PATH, Ledger
from nebula_contract.live.ledger_lines import LedgerError
from nebula_contract.live.means import LEAST_PAUSE_S
from nebula_contract.live.money import CEILING_USD, MoneyError, cap_in, usd_text
from nebula_contract.live.options import REDUCED_KEY, SECOND_KEY, CannotRunError, Options, run_live
from nebula_contract.live.plan import Made, Wish, made_plan
from nebula_contract.live.recording import Recording, Unrecorded
from nebula_schemas.catalogue import catalogue

_FAMILIES = [family.name for family in catalogue().families]
_PATH = click.Path(path_type=Path)


@click.command("plan")
@click.option(
    "--family",
    "families",
    multiple=True,
    type=click.Choice(_FAMILIES),
    help="A family to pay one task of; all where not given.",
)
@click.option("--max-spend", metavar="USD", help="Leave out what the worst case has no room for.")
@click.option(
    "--probe-rejections",
    is_flag=True,
    help="Send bad bodies with the good key too; each reserves its full price.",
)
@click.option(
    "--under-funded",
    is_flag=True,
    help="Send generated bodies with the key of an account that cannot pay them.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=1,
    show_default=True,
    help="What made-up words are drawn from.",
)
@click.option("--out", type=_PATH, help="Write the plan there, to be committed.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan itself.")
def plan_command(
    families: tuple[str, ...], max_spend: str | None, seed: int, out: Path | None, *,
    probe_rejections: bool, under_funded: bool, as_json: bool,
) -> None:  # fmt: skip
    """Print what a live run would send, and what it may cost. Sends nothing."""
    try:
        most_usd = None if max_spend is None else cap_in(max_spend, "--max-spend")
    except MoneyError as error:
        raise CannotRunError(str(error)) from error
    made = made_plan(Wish(families, most_usd, probe_rejections, under_funded, seed))
    if out is not None:
        _write(out, plan_bytes(made.plan))
    click.echo(plan_bytes(made.plan).decode() if as_json else _told(made), nl=not as_json)
    for name in made.left_out:
        click.echo(f"nebula-contract: left out, since --max-spend has no room for it: {name}", err=True)


def _write(path: Path, data: bytes) -> None:
    """The whole file, or the one that was there."""
    try:
        replace_file(path, data, makes_folder=True)
    except OSError as error:
        message = (
            f"--out: cannot write {path}: {error.strerror}. Name a file that is yours, on a disk with room."
        )
        raise CannotRunError(message) from error


def _told(made: Made) -> str:
    width = max(len(case.name) for case in made.plan.cases)
    lines = [
        f"{case.name:{width}}  {usd_text(case.price_usd):>10}  {case.method} {case.path}"
        for case in made.plan.cases
    ]
    worst, submits = usd_text(made.plan.worst_usd), made.plan.submits
    return "\n".join(
        [*lines, f"{len(lines)} cases, {submits} of which could make a task; at the worst {worst} USD."]
    )


Recorder = Callable[[Path, Path, bool], Recording]
"""The file of ``--record``, that of ``--observed`` and whether it is to be updated, to what keeps both."""


def live_command(recorder: Recorder | None = None) -> click.Command:
    """The command ``live``; ``recorder`` gives what writes the file of ``--record``."""

    @click.command("live")
    @click.option(
        "--plan", required=True, type=_PATH, help="The committed plan, which is carried out as it stands."
    )
    @click.option(
        "--max-spend",
        default="0",
        show_default=True,
        metavar="USD",
        help="What this run may spend; 0 for free checks only.",
    )
    @click.option(
        "--max-spend-day",
        metavar="USD",
        help="What all runs of a day (UTC) may; that of this run where not given.",
    )
    @click.option(
        "--max-spend-month",
        metavar="USD",
        help=f"What all runs of a month (UTC) may; {CEILING_USD} where not given.",
    )
    @click.option("--ledger", type=_PATH, default=DEFAULT_PATH, show_default=True, help="What was spent.")
    @click.option("--record", type=_PATH, help="Write the exchanges there.")
    @click.option(
        "--update", is_flag=True, help="Take what the run sees over into --observed; needs --record."
    )
    @click.option(
        "--observed",
        type=_PATH,
        default=Path("contract/observed.json"),
        show_default=True,
        help="What the provider was last accepted to do; written with --update alone.",
    )
    @click.option("--base-url", default=DEFAULT_BASE_URL, show_default=True, help="The provider.")
    @click.option(
        "--allow-host",
        multiple=True,
        metavar="HOST[:PORT]",
        help="Another host that may be asked, exactly as in the URL.",
    )
    @click.option(
        "--api-key-file", type=_PATH, help="A file with the key; else NEBULA_API_KEY or NEBULA_API_KEY_FILE."
    )
    @click.option(
        "--second-key-file", type=_PATH, help=f"A file with the key of a second account; else {SECOND_KEY}."
    )
    @click.option(
        "--reduced-key-file",
        type=_PATH,
        help=f"A file with the key of an account that cannot pay; else {REDUCED_KEY}.",
    )
    @click.option(
        "--poll-every",
        type=click.FloatRange(LEAST_PAUSE_S, 600),
        default=LEAST_PAUSE_S,
        show_default=True,
        help="Seconds between polls at the least.",
    )
    @click.option(
        "--deadline",
        type=click.FloatRange(1, 86400),
        default=3600.0,
        show_default=True,
        help="Seconds after which nothing new is sent.",
    )
    @click.option(
        "--timeout",
        type=click.FloatRange(1, 600),
        default=120.0,
        show_default=True,
        help="Seconds that one exchange may take.",
    )
    def command(record: Path | None, observed: Path, *, update: bool, **options: object) -> None:
        """Carry out a plan against the live provider: free checks, and what --max-spend allows."""
        if update and record is None:
            message = (
                "--update: found no --record, expected one: what is taken over must be there to be looked at."
            )
            raise CannotRunError(message)
        _keep_apart(record, observed if update else None, options)
        recording = Unrecorded() if recorder is None or record is None else recorder(record, observed, update)
        end = run_live(Options(**options), recording)  # type: ignore[arg-type]  # the options above, by name
        tell(end)
        raise SystemExit(end.exit_code)

    return command


def _keep_apart(record: Path | None, observed: Path | None, options: Mapping[str, object]) -> None:
    """Refuse a file that is to be two things.

    Raises:
        CannotRunError: One is; nothing was sent.
    """
    reads = [
        (f"--{name.replace('_', '-')}", path)
        for name in ("plan", "api_key_file", "second_key_file", "reduced_key_file")
        if isinstance(path := options[name], Path)
    ]
    ledger = options["ledger"]
    writes = (
        ("--ledger", ledger if isinstance(ledger, Path) else None),
        ("--record", record),
        ("--observed", observed),
    )
    if told := clash(reads, writes):
        raise CannotRunError(told)


def tell(end: LiveEnd) -> None:
    """The end of a run: facts as JSON on stdout, sentences on stderr."""
    facts = {
        "reason": end.reason,
        "requests": end.requests,
        "submits": end.submits,
        "spent_usd": usd_text(end.spent_usd),
        "reserved_usd": usd_text(end.reserved_usd),
        "surprises": list(end.surprises),
        "unseen": [name for name, _ in end.unseen],
        "left_out": [name for name, _ in end.left_out],
    }
    click.echo(json.dumps(facts, indent=2))
    if end.told:
        click.echo(f"nebula-contract: {end.told}", err=True)
    for name in end.surprises:
        click.echo(
            f"nebula-contract: {name} was accepted, though it had to be refused; its class was stopped",
            err=True,
        )
    for name, reason in (*end.unseen, *end.left_out):
        click.echo(f"nebula-contract: not reached: {name}: {reason}", err=True)


@click.command("settle")
@click.argument("entry_id", metavar="[ID]", default="")
@click.option("--charged/--not-charged", default=None, help="What the provider's bill says of it.")
@click.option("--ledger", type=_PATH, default=DEFAULT_PATH, show_default=True, help="What was spent.")
def settle_command(entry_id: str, ledger: Path, *, charged: bool | None) -> None:
    """Settle a submit of which nobody knows whether it is charged; without an ID list those there are."""
    book = Ledger(ledger)
    try:
        if entry_id and charged is None:
            message = "Found an ID without --charged or --not-charged, expected one of them: look at the provider's bill."
            raise CannotRunError(message)
        if entry_id:
            book.settle(entry_id, "charged") if charged else book.release(entry_id, "not-charged")
            return
        for entry in book.read().open:
            click.echo(
                f"{entry.id}  {usd_text(entry.usd)} USD  {entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.host}  {entry.case}  {entry.task_id}".rstrip()
            )
    except LedgerError as error:
        raise CannotRunError(str(error)) from error
