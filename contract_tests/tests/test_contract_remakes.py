"""A video that is made again keeps the length and the size of its source: a provider that does so is right."""

from dataclasses import replace
from typing import Any

import pytest

from exchanges import answer_of
from nebula_contract.judging.judge import judge
from nebula_contract.record.exchange import Exchange
from nebula_contract.sending.asking import Case, task_id_of
from nebula_contract.sending.lifecycle import polled, remix_names
from nebula_contract.sending.schedule import interleaved
from nebula_contract.sending.target import Target, open_target

SOURCE = {"model": "sora-2", "prompt": "A cat", "seconds": "8", "size": "1280x720"}


def _made_again(target: Target, name: str) -> None:
    def steps() -> Any:
        source = task_id_of(case.submit(SOURCE))
        assert source is not None
        yield from polled(case, source, (8,), [], least=2)
        again = task_id_of(
            case.submit({"model": "sora-2", "prompt": "At night", "seconds": "12", name: source})
        )
        assert again is not None
        last: list[Any] = []
        yield from polled(case, again, (8,), last, least=2)
        case.download(again)

    case = Case(target, "lifecycle/sora/1")
    interleaved(target.clock, [steps()])


def _findings(exchanges: list[Exchange]) -> list[tuple[str, str]]:
    return [(one.code, one.location) for one in judge(exchanges, is_mock=True).findings]


@pytest.mark.parametrize("name", remix_names())
@pytest.mark.parametrize("dialect", ["documented", "gateway"])
def test_a_remake_has_the_form_of_its_source_and_no_third_one(name: str, dialect: Any) -> None:
    with open_target("mock", dialect=dialect) as target:
        _made_again(target, name)
        exchanges = list(target.recorder.exchanges)
    assert _findings(exchanges) == []
    lied = [_with_size(one, "1792x1024") if _is_remake(one) else one for one in exchanges]
    found = [("NC208", "/metadata/size")] if any(map(_is_remake, exchanges)) else []
    assert _findings(lied) == found


def _is_remake(exchange: Exchange) -> bool:
    asked = exchange.request.body or b""
    return b"At night" in asked and "size" in exchange.json.get("metadata", {})


def _with_size(exchange: Exchange, size: str) -> Exchange:
    assert exchange.answer is not None
    metadata = {**exchange.json["metadata"], "size": size}
    body = answer_of({**exchange.json, "metadata": metadata}).body
    return replace(exchange, answer=replace(exchange.answer, body=body))
