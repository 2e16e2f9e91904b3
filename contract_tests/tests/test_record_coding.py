"""An exchange comes back from a record as it was."""

import hashlib
import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges import answered, bodies, exchanges, submitted
from nebula_contract.record.coding import CUT, DEEPEST, LONGEST_BODY, as_kept, exchange_members, exchange_of
from nebula_contract.record.exchange import MISSING, Condition, Credential, Exchange, Operation
from nebula_contract.record.members import CodingError, Members, json_text


def back(exchange: Exchange) -> Exchange:
    """The exchange through one line of JSON."""
    return exchange_of(Members(json.loads(json_text(exchange_members(exchange))), ""))


@given(exchanges())
def test_every_exchange_comes_back_as_it_was(exchange: Exchange) -> None:
    assert back(exchange) == exchange == as_kept(exchange)


@given(exchanges(), st.sampled_from(["number", "case", "operation", "request", "answer", "at_s"]))
def test_no_member_is_read_for_another(exchange: Exchange, name: str) -> None:
    """What is left out is an error that names it, never a default."""
    members = exchange_members(exchange)
    del members[name]
    with pytest.raises(CodingError, match=name):
        exchange_of(Members(members, ""))


def test_every_word_of_an_exchange_can_be_kept() -> None:
    for operation in get_args(Operation):
        for credential in get_args(Credential):
            for condition in get_args(Condition):
                exchange = submitted(operation=operation, credential=credential, condition=condition)
                assert back(exchange) == exchange


@given(bodies(least=LONGEST_BODY + 1))
def test_a_long_body_is_cut_once_and_says_so(body: bytes) -> None:
    """And is the same when it is kept a second time; its digest is that of the whole."""
    exchange = submitted(body=body, label="accepted")
    kept = as_kept(exchange)
    assert kept == back(exchange) == as_kept(kept) == back(kept)
    assert kept.label == CUT
    assert len(kept.request.body or b"") < LONGEST_BODY + 1024
    assert kept.request.body_sha256 == hashlib.sha256(body).hexdigest()


def test_a_long_picture_in_a_request_leaves_the_rest_of_its_json() -> None:
    asked = {"model": "sora-2", "prompt": "A cat", "input_reference": "data:image/png;base64," + "A" * 40_000}
    kept = as_kept(submitted(body=json.dumps(asked).encode()))
    found = json.loads(kept.request.body or b"")
    assert found["prompt"] == "A cat"
    assert found["input_reference"] == asked["input_reference"][:64]


def test_a_long_body_that_is_no_json_keeps_both_ends() -> None:
    kept = as_kept(submitted(body=b"first" + b"\xff" * 20_000 + b"last"))
    body = kept.request.body or b""
    assert body.startswith(b"first")
    assert body.endswith(b"last")
    assert b"[20009 bytes in all]" in body


def test_infinite_numbers_and_words_that_look_like_them_come_back() -> None:
    value = json.loads('{"a": 1e999, "b": -1e999, "c": "Infinity -Infinity NaN \\" Infinity"}')
    exchange = answered(value)
    assert json.loads(json_text(exchange_members(exchange)))
    assert back(exchange) == exchange


def test_an_answer_that_is_nested_too_deeply_is_kept_as_no_json() -> None:
    value: object = 1
    for _ in range(DEEPEST + 5):
        value = [value]
    kept = as_kept(answered(value))
    assert kept.answer is not None
    assert kept.answer.body.json is MISSING
    assert "nested" in kept.answer.body.json_problem
    assert back(kept) == kept
