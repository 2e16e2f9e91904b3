"""An exchange as JSON members, and back: every value comes back as it was, and nothing else is taken.

What is at its default is left out, so that lines stay short. A request body over 16 KiB is not kept whole: its JSON with
long texts cut, else both ends. What comes back then carries the label ``cut``, since what it should have been answered
with cannot be computed for certain any more.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nebula_contract.record.exchange import MISSING, Answer, Body, Exchange, Film, LongText, Request
from nebula_contract.record.members import Members, json_text
from nebula_contract.record.reducing import body_of

LONGEST_BODY = 16 * 1024
"""Bytes of a request body that is kept whole."""
CUT = "cut"
"""The label of an exchange whose request body was too long to be kept whole."""
DEEPEST = 200
"""Levels of an answer's JSON that is kept: a record is read again on any stack."""
_KEPT_END = 256
_FACTS_OF_FILMS = ("duration_s", "width", "height", "frames", "fps", "has_sound")

Json = dict[str, Any]


def as_kept(exchange: Exchange) -> Exchange:
    """The exchange as a record gives it back: itself, unless a body is too long or nested too deeply to be kept whole."""
    is_short = len(exchange.request.body or b"") <= LONGEST_BODY
    if is_short and (exchange.answer is None or not _is_deep(exchange.answer.body.json)):
        return exchange
    return exchange_of(Members(exchange_members(exchange), ""))


def exchange_members(exchange: Exchange) -> Json:
    """The exchange as JSON members."""
    plain = {
        "failure": exchange.failure,
        "condition": exchange.condition,
        "purpose": exchange.purpose,
        "subject": exchange.subject,
        "label": exchange.label,
    }
    return {
        "number": exchange.number,
        "case": exchange.case,
        "operation": exchange.operation,
        "request": _request_members(exchange.request),
        "answer": None if exchange.answer is None else _answer_members(exchange.answer),
        "at_s": exchange.at_s,
        "until_s": exchange.until_s,
        "took_s": exchange.took_s,
        **({} if exchange.target_time is None else {"target_time": exchange.target_time}),
        **{name: text for name, text in plain.items() if text},
    }


def exchange_of(members: Members) -> Exchange:
    """The exchange that a line holds.

    Raises:
        CodingError: It holds none; the error says where, what was found and what was expected.
    """
    request = members.inner("request")
    has_answer = members.values.get("answer") is not None
    answer = _answer_of(members.inner("answer")) if has_answer else members.take("answer")
    exchange = Exchange(
        number=members.count("number", least=1),
        case=members.text("case"),
        operation=members.choice("operation"),
        request=_request_of(request),
        answer=answer,
        failure=members.text("failure", ""),
        at_s=members.number("at_s"),
        until_s=members.number("until_s"),
        took_s=members.number("took_s"),
        condition=members.choice("condition", ""),
        purpose=members.text("purpose", ""),
        subject=members.text("subject", ""),
        label=members.text("label", ""),
        target_time=members.number("target_time") if "target_time" in members.values else None,
    )
    is_cut = "body_cut" in request.values
    members.no_others()
    return replace(exchange, label=CUT) if is_cut else exchange


def _request_members(request: Request) -> Json:
    members: Json = {"method": request.method, "path": request.path, "credential": request.credential}
    if request.headers:
        members["headers"] = dict(request.headers)
    if request.scheme:
        members["scheme"] = request.scheme
    if request.body_sha256:
        members["body_sha256"] = request.body_sha256
    if request.body is None:
        return members
    if len(request.body) > LONGEST_BODY:
        members["body_sha256"] = request.body_sha256 or hashlib.sha256(request.body).hexdigest()
        return {**members, "body_cut": _cut_members(request.body)}
    try:
        return {**members, "body": request.body.decode("utf-8")}
    except UnicodeDecodeError:
        return {**members, "body_base64": base64.b64encode(request.body).decode("ascii")}


def _cut_members(body: bytes) -> Json:
    members: Json = {
        "length": len(body),
        "head": body[:_KEPT_END].decode("utf-8", "backslashreplace"),
        "tail": body[-_KEPT_END:].decode("utf-8", "backslashreplace"),
    }
    reduced = body_of(body, "application/json").json
    if reduced is not MISSING and len(json_text(reduced)) <= LONGEST_BODY:
        members["json"] = reduced
    return members


def _request_of(members: Members) -> Request:
    request = Request(
        method=members.text("method"),
        path=members.text("path"),
        credential=members.choice("credential"),
        headers=members.texts("headers"),
        body=_request_body_of(members),
        body_sha256=members.text("body_sha256", ""),
        scheme=members.text("scheme", ""),
    )
    members.no_others()
    return request


def _request_body_of(members: Members) -> bytes | None:
    kept = [name for name in ("body", "body_base64", "body_cut") if name in members.values]
    if len(kept) > 1:
        raise members.error(kept[1], f"{kept[0]} beside it", "one of the two")
    if not kept:
        return None
    if kept == ["body"]:
        return members.encoded("body")
    if kept == ["body_base64"]:
        try:
            return base64.b64decode(members.text("body_base64"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise members.error("body_base64", "a text that does not decode", "strict base64") from error
    cut = members.inner("body_cut")
    length, head, tail = cut.count("length"), cut.encoded("head"), cut.encoded("tail")
    value = cut.take("json", MISSING)
    cut.no_others()
    if value is not MISSING:
        return json.dumps(value).encode("ascii")
    return b"%b [%d bytes in all] %b" % (head, length, tail)


def _answer_members(answer: Answer) -> Json:
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": _body_members(answer.body),
    }


def _answer_of(members: Members) -> Answer:
    answer = Answer(members.count("status"), members.texts("headers"), _body_of(members.inner("body")))
    members.no_others()
    return answer


def _body_members(body: Body) -> Json:
    members: Json = {"length": body.length, "sha256": body.sha256}
    if _is_deep(body.json):
        members["json_problem"] = f"it is nested deeper than {DEEPEST} levels"
    elif body.json is not MISSING:
        members["json"] = body.json
    if body.json_problem:
        members["json_problem"] = body.json_problem
    if body.long_texts:
        members["long_texts"] = {at: _long_text_members(text) for at, text in body.long_texts.items()}
    if body.film is not None:
        members["film"] = _film_members(body.film)
    if body.head:
        members["head"] = body.head
    return members


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _body_of(members: Members) -> Body:
    long_texts: Mapping[str, LongText] = {}
    if "long_texts" in members.values:
        inner = members.inner("long_texts")
        long_texts = {at: _long_text_of(inner.inner(at)) for at in inner.values}
    body = Body(
        length=members.count("length"),
        sha256=members.text("sha256"),
        json=members.take("json", MISSING),
        json_problem=members.text("json_problem", ""),
        long_texts=long_texts,
        film=_film_of(members.inner("film")) if "film" in members.values else None,
        head=members.text("head", ""),
    )
    members.no_others()
    return body


def _long_text_members(text: LongText) -> Json:
    members: Json = {"length": text.length, "sha256": text.sha256, "after_comma": text.after_comma}
    if text.film is not None:
        members["film"] = _film_members(text.film)
    if text.problem:
        members["problem"] = text.problem
    return members


def _long_text_of(members: Members) -> LongText:
    text = LongText(
        length=members.count("length"),
        sha256=members.text("sha256"),
        after_comma=members.text("after_comma"),
        film=_film_of(members.inner("film")) if "film" in members.values else None,
        problem=members.text("problem", ""),
    )
    members.no_others()
    return text


def _film_members(film: Film) -> Json:
    facts = {name: getattr(film, name) for name in _FACTS_OF_FILMS}
    return {
        "size": film.size,
        "sha256": film.sha256,
        **{name: text for name, text in (("problem", film.problem), ("codec", film.codec)) if text},
        **{name: value for name, value in facts.items() if value is not None},
    }


def _film_of(members: Members) -> Film:
    film = Film(
        size=members.count("size"),
        sha256=members.text("sha256"),
        problem=members.text("problem", ""),
        duration_s=members.number("duration_s") if "duration_s" in members.values else None,
        width=members.count("width") if "width" in members.values else None,
        height=members.count("height") if "height" in members.values else None,
        frames=members.count("frames") if "frames" in members.values else None,
        fps=members.number("fps") if "fps" in members.values else None,
        codec=members.text("codec", ""),
        has_sound=members.flag("has_sound") if "has_sound" in members.values else None,
    )
    members.no_others()
    return film
