"""NC904: our client beside the bytes: what it makes of an answer is what the answer says."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nebula_contract.judging.checks.downloads import text_at
from nebula_contract.judging.findings import Broken
from nebula_contract.judging.looking import Words, broken
from nebula_contract.judging.members import is_number, member
from nebula_contract.judging.registry import Found, run_check
from nebula_contract.judging.shapes import violations
from nebula_contract.judging.views import RunView
from nebula_contract.record.exchange import MISSING, Exchange

_OK = 200
_SCHEMAS = {"submit": "submit/response", "query": "query/response", "download": "download/response"}
_ERRORS = ("errors/e1", "errors/e2", "errors/e3", "errors/unknown-route")
_REFUSED = frozenset({"refused", "expired"})


@run_check(
    "NC904",
    "the-client-agrees",
    promise="What the client of this package makes of an answer is what the answer says: accepted or refused, and each value.",
    cause="The client is wrong, or the answer has a form that neither expects.",
    remedy="Report it with the record: this is a bug of the client, or a gap of the contract.",
    source="INF",
)
def client_agrees(run: RunView) -> Found:
    if not run.by_client:
        return None
    return [one for exchange in run.by_client for one in _disagreements(exchange)]


def _disagreements(exchange: Exchange) -> Iterator[Broken]:
    reading = _reading(exchange)
    if reading is None or exchange.answer is None:
        return
    outcome = reading.get("outcome")
    if exchange.status == _OK and _has_its_form(exchange):
        if outcome != "accepted":
            yield broken(
                exchange, Words(f"the client says {outcome}"), "accepted", key=f"{exchange.operation} outcome"
            )
            return
        yield from _values(exchange, reading)
    elif _is_a_refusal(exchange) and outcome not in _REFUSED:
        is_uncertain = exchange.operation == "submit" and outcome == "uncertain"
        if not is_uncertain and not _may_be_tried_again(exchange):
            told = f"refused with HTTP {exchange.status}"
            yield broken(
                exchange, Words(f"the client says {outcome}"), told, key=f"{exchange.operation} refusal"
            )
    elif _is_a_refusal(exchange) and reading.get("http") not in (exchange.status, None):
        yield broken(exchange, reading.get("http"), f"{exchange.status}", key="http")


def _reading(exchange: Exchange) -> Mapping[str, Any] | None:
    try:
        found = json.loads(exchange.label)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _has_its_form(exchange: Exchange) -> bool:
    if exchange.operation == "result":
        film = exchange.answer.body.film if exchange.answer is not None else None
        return film is not None and not film.problem
    if not isinstance(exchange.json, dict) or violations(_SCHEMAS[exchange.operation], exchange.json):
        return False
    if exchange.operation != "download":
        return True
    texts = [text_at(exchange, name)[1] for name in ("base64", "data_url") if name in exchange.json]
    films = [one.film for one in texts if one is not None and one.film is not None and not one.film.problem]
    sizes = {film.size for film in films} | {exchange.json.get("size")}
    return len(films) == len(texts) and len({film.sha256 for film in films}) == 1 and len(sizes) == 1


def _is_a_refusal(exchange: Exchange) -> bool:
    if exchange.operation == "result":
        return exchange.status in range(400, 500)
    is_error = exchange.status in range(400, 500) and isinstance(exchange.json, dict)
    return is_error and any(not violations(name, exchange.json) for name in _ERRORS)


def _may_be_tried_again(exchange: Exchange) -> bool:
    """Whether the client takes it for a thing that passes: too many requests."""
    return exchange.status in (408, 425, 429)


def _values(exchange: Exchange, reading: Mapping[str, Any]) -> Iterator[Broken]:
    for name, said in _said(exchange).items():
        found = reading.get(name, MISSING)
        if said is not MISSING and found is not MISSING and found != said:
            yield broken(exchange, found, f"{said!r}, as the answer says", f"/{name}", key="client")


def _said(exchange: Exchange) -> Mapping[str, Any]:
    """What the answer itself says of each value that the client tells."""
    body = exchange.json
    if exchange.operation == "submit":
        return {"task_id": member(body, "/task_id")}
    if exchange.operation == "query":
        progress = [member(body, place) for place in ("/metadata/progress", "/progress")]
        known = [one for one in progress if is_number(one)]
        error = member(body, "/error/code")
        return {
            "task_id": member(body, "/task_id"),
            "status": member(body, "/status"),
            "progress": known[0] if known else MISSING,
            "error": MISSING if error is MISSING else str(error),
        }
    if exchange.operation == "result":
        film = exchange.answer.body.film if exchange.answer is not None else None
    else:
        facts = text_at(exchange, "base64")[1]
        film = None if facts is None else facts.film
    return {} if film is None else {"size": film.size, "sha256": film.sha256}
