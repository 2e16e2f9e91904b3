"""``nebula-contract replay``: a case of a record, sent again to a mock, then and now side by side."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from nebula_contract.options import PATH, CannotRunError, record_at
from nebula_contract.record.exchange import Exchange, Request
from nebula_contract.record.file import RecordError
from nebula_contract.replay import Again, ReplayError, case_of, outcome, sent_again, task_id
from nebula_contract.reports.shown import shown
from nebula_contract.sending.asking import result_urls_of
from nebula_contract.sending.target import MOCK, Target, open_target
from nebula_contract.sending.wire import Asked, OutOfReachError
from nebula_contract.targets import TargetError

_INCONCLUSIVE = 3  # nothing of the case could be sent again
_SUITE_HEADERS = frozenset({"content-type"})


@dataclass(slots=True)
class _Wire:
    """A target as ``replay`` needs it; remembers the result URLs that it saw."""

    target: Target
    urls: dict[str, str] = field(default_factory=dict)

    def send(self, exchange: Exchange, request: Request) -> Exchange:
        """As ``Place.send``."""
        headers = {name: value for name, value in request.headers.items() if name not in _SUITE_HEADERS}
        sent = self.target.wire.send(
            Asked(
                request.method,
                request.path,
                request.credential,
                body=request.body,
                content_type=request.headers.get("content-type", ""),
                headers=headers,
                authorization=request.scheme,
                operation=exchange.operation,
                case=exchange.case,
                purpose=exchange.purpose,
                subject=exchange.subject,
                condition=exchange.condition,
                label=exchange.label,
            )
        )
        for url in result_urls_of(sent)[:1]:
            self.urls[task_id(sent.exchange)] = url
        return sent.exchange

    def pass_time(self, seconds: float) -> None:
        """As ``Place.pass_time``."""
        self.target.clock.pass_time(seconds)

    def result(self, subject: str, method: str) -> Exchange | None:
        """As ``Place.result``."""
        url = self.urls.get(subject)
        if url is None or not self.target.fetches(url):
            return None
        asked = Asked(method, url, "none", operation="result", purpose="result", subject=subject)
        return self.target.wire.send(asked).exchange


@click.command()
@click.argument("run", type=PATH, metavar="RUN")
@click.argument("case")
@click.option(
    "--target", default=MOCK, show_default=True, metavar="mock|mock+http|URL", help="Where it is sent to."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line for each exchange.")
def replay(run: Path, case: str, target: str, *, as_json: bool) -> None:
    """Send the case CASE of the record RUN again, and show what came then and what comes now.

    Only to a mock or to a server of this machine: any other is refused, since it may charge. Tasks that are made now
    take the place of those of then. Exits with 1 when something else came than then.
    """
    record = record_at(run)
    try:
        then = case_of(record.exchanges(), case)
        seed = record.header.seed
        with open_target(target, seed=seed) as opened:
            came = list(sent_again(then, _Wire(opened)))
            for again in came:
                _tell(again, as_json=as_json)
    except (ReplayError, RecordError, TargetError) as error:
        raise CannotRunError(str(error)) from error
    except OutOfReachError as error:
        raise CannotRunError(f"--target: {target} answers no more ({error}).") from error
    sent = [again for again in came if again.now is not None]
    same = sum(again.is_same for again in sent)
    left = f"; {len(came) - len(sent)} not sent" if len(sent) < len(came) else ""
    click.echo(f"nebula-contract: {same} of {len(sent)} exchanges as then{left}", err=True)
    raise SystemExit(1 if same < len(sent) else 0 if sent else _INCONCLUSIVE)


def _tell(again: Again, *, as_json: bool) -> None:
    """Show one exchange."""
    if as_json:
        now = None if again.now is None else _facts(again.now)
        facts = {"number": again.then.number, "then": _facts(again.then), "now": now, "same": again.is_same}
        click.echo(json.dumps({**facts, "left_out": again.left_out or None}))
    else:
        click.echo("\n".join(_lines(again)))


def _facts(exchange: Exchange) -> dict[str, object]:
    status, state = outcome(exchange)
    head = exchange.answer.body.head if exchange.answer else exchange.failure
    return {"status": status, "state": shown(state), "answer": shown(head)}


def _lines(again: Again) -> Iterator[str]:
    request = again.then.request
    yield f"#{again.then.number} {shown(request.method)} {shown(request.path)} ({shown(again.then.purpose)})"
    yield f"  then  {_came(again.then)}"
    if again.now is None:
        yield f"  now   not sent: {again.left_out}"
    else:
        yield f"  now   {_came(again.now)}{'' if again.is_same else '   <- differs'}"


def _came(exchange: Exchange) -> str:
    if exchange.answer is None:
        return f"no answer: {shown(exchange.failure)}"
    return f"{exchange.status} {shown(exchange.answer.body.head, 160)}"
