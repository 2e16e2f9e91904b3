"""Lies about HTTP: ids of requests, types, lengths, redirects, errors where none belong."""

from nebula_contract.mutating.lies import always, json_lie, lie_when, on, put
from nebula_contract.mutating.mutant import Ask, Mutant, Told, When

API = ("submit", "query", "download", "route")


def _api(ask: Ask, _told: Told) -> bool:
    return ask.operation in API


def _without_id(told: Told) -> None:
    told.headers.pop("x-oneapi-request-id", None)


def _every(number: int, operation: str = "query") -> When:
    return lambda ask, told: ask.operation == operation and ask.nth % number == 0 and told.status == 200


def _echo_key(ask: Ask, told: Told) -> None:
    if ask.operation == "query" and told.status != 200 and isinstance(told.json, dict):
        body = told.json
        of = body["error"] if isinstance(body.get("error"), dict) else body
        of["message"] = f"no such task for {ask.environ.get('HTTP_AUTHORIZATION', '')}"
        told.say(body)


def _echo_key_in_header(ask: Ask, told: Told) -> None:
    if ask.operation == "submit":
        told.headers["x-debug-auth"] = ask.environ.get("HTTP_AUTHORIZATION", "")
        told.headers["location"] = ask.environ.get("HTTP_AUTHORIZATION", "")


MUTANTS = [
    Mutant("no request id", ("NC101",), lie_when(_api, _without_id)),
    Mutant("no request id in refusals", ("NC101",), lie_when(lambda a, t: _api(a, t) and t.status != 200, _without_id)),
    Mutant("no request id in every tenth submit", ("NC101",), lie_when(_every(10, "submit"), _without_id)),
    Mutant("empty request id", ("NC101",), lie_when(_api, lambda t: t.headers.update({"x-oneapi-request-id": ""}))),
    Mutant("one request id for all", ("NC102",), lie_when(_api, lambda t: t.headers.update({"x-oneapi-request-id": "1"}))),
    Mutant("queries are said to be text", ("NC103",), lie_when(on("query"), lambda t: t.turn(content_type="text/plain"))),
    Mutant("no content type of downloads", ("NC103",), lie_when(on("download"), lambda t: t.headers.pop("content-type", None))),
    Mutant("unknown routes as HTML", ("NC103", "NC104"), lie_when(on("route", status=404), lambda t: t.turn(body=b"<html>Not Found</html>", content_type="text/html"))),
    Mutant("every fiftieth query is HTML", ("NC103", "NC104"), lie_when(_every(50), lambda t: t.turn(body=b"<html>Busy</html>", content_type="text/html"))),
    Mutant("JSON cut in its middle", ("NC104",), lie_when(_every(40), lambda t: t.turn(body=t.body[: len(t.body) // 2]))),
    Mutant("empty body for a finished task", ("NC104",), lie_when(lambda a, t: on("query")(a, t) and b'"succeeded"' in t.body, lambda t: t.turn(body=b""))),
    Mutant("a member twice", ("NC104",), lie_when(on("query"), lambda t: t.turn(body=t.body.replace(b'{"task_id"', b'{"task_id":"x","task_id"', 1)))),
    Mutant("NaN for a number", ("NC104",), lie_when(on("query"), lambda t: t.turn(body=t.body.rstrip()[:-1] + b',"eta":NaN}'))),
    Mutant("Latin-1 instead of UTF-8", ("NC104", "NC326"), lie_when(on("query"), lambda t: t.turn(body=t.body.decode().encode("latin-1", "replace").replace(b'"format"', b'"form\xe9t"', 1)))),
    Mutant("queries redirect", ("NC106",), lie_when(_every(30), lambda t: t.turn(status=307, location="http://127.0.0.1:9/"))),
    Mutant("downloads redirect to storage", ("NC106",), lie_when(on("download"), lambda t: t.turn(status=302, location="/files/1.mp4"))),
    Mutant("every sixtieth query is throttled", ("NC107",), lie_when(_every(60), lambda t: t.say({"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}, 429))),
    Mutant("every fortieth submit is a 500", ("NC108",), lie_when(_every(40, "submit"), lambda t: t.say({"error": {"message": "oops", "type": "server_error", "code": "server_error"}}, 500))),
    Mutant("finished tasks are a 503", ("NC108",), lie_when(lambda a, t: on("query")(a, t) and b'"succeeded"' in t.body and a.family == "wan", lambda t: t.say({"error": {"message": "x", "type": "y", "code": "z"}}, 503))),
    Mutant("unknown task as a 500", ("NC108",), lie_when(lambda a, t: a.operation == "query" and t.status in (400, 404), lambda t: t.turn(status=500))),
    Mutant("unknown tasks with status 200", ("NC109",), lie_when(lambda a, t: a.operation == "query" and t.status in (400, 404), lambda t: t.turn(status=200))),
    Mutant("refused submits with status 200", ("NC109",), lie_when(lambda a, t: a.operation == "submit" and t.status == 400, lambda t: t.turn(status=200))),
    Mutant("every thirtieth query of a good task is an error with 200", ("NC109",), lie_when(_every(30), lambda t: t.say({"error": {"message": "try again", "type": "server_error"}}))),
    Mutant("submits are created: 201", ("NC110",), lie_when(on("submit"), lambda t: t.turn(status=201))),
    Mutant("queries of open tasks are 202", ("NC110",), lie_when(lambda a, t: on("query")(a, t) and b'"in_progress"' in t.body, lambda t: t.turn(status=202))),
    Mutant("the key in the message", ("NC111",), _echo_key),
    Mutant("the key in a header", ("NC111",), _echo_key_in_header),
    Mutant("Retry-After in words", ("NC112",), lie_when(always, lambda t: t.headers.update({"retry-after": "5 seconds"}))),
    Mutant("a new member everywhere", ("NC901",), json_lie(on("query"), put("/eta_seconds", 5))),
    Mutant("a new member in metadata of Veo", ("NC901",), json_lie(on("query", when=lambda a, _t: a.family == "veo"), put("/metadata/safety", "ok"))),
    Mutant("a new member in submits of Wan", ("NC901",), json_lie(on("submit", when=lambda a, _t: a.family == "wan"), put("/priority", 1))),
    Mutant("a new member in downloads", ("NC901",), json_lie(on("download"), put("/sha256", "00"))),
    Mutant("a 429 without Retry-After", ("NC115",), lie_when(lambda _a, t: t.status == 429, lambda t: t.headers.pop("retry-after", None))),
    Mutant("a 429 of queries without Retry-After", ("NC115",), lie_when(on("query", status=429), lambda t: t.headers.pop("retry-after", None))),
    Mutant("Retry-After of an hour", ("NC115",), lie_when(lambda _a, t: "retry-after" in t.headers, lambda t: t.headers.update({"retry-after": "3600"}))),
    Mutant("Retry-After in milliseconds", ("NC115",), lie_when(lambda _a, t: "retry-after" in t.headers, lambda t: t.headers.update({"retry-after": t.headers["retry-after"] + "000"}))),
    Mutant("Retry-After of no time", ("NC115",), lie_when(lambda _a, t: "retry-after" in t.headers, lambda t: t.headers.update({"retry-after": "0"}))),
    Mutant("JSON is said to be Latin-1", ("NC116",), lie_when(_api, lambda t: t.turn(content_type="application/json; charset=latin-1"))),
    Mutant("queries are said to be GBK", ("NC116",), lie_when(on("query"), lambda t: t.turn(content_type='application/json;charset="GBK"'))),
    Mutant("refusals are said to be ASCII", ("NC116",), lie_when(lambda a, t: _api(a, t) and t.status >= 400, lambda t: t.turn(content_type="application/json; Charset=us-ascii"))),
    Mutant("refusals are written in GBK", ("NC104",), lie_when(lambda a, t: _api(a, t) and t.status >= 400, lambda t: t.turn(body=t.body.decode().encode("gbk", "replace")))),
    Mutant("queries are written in UTF-16", ("NC104",), lie_when(on("query"), lambda t: t.turn(body=t.body.decode().encode("utf-16")))),
    Mutant("downloads begin with a byte order mark", ("NC104",), lie_when(on("download"), lambda t: t.turn(body=b"\xef\xbb\xbf" + t.body))),
]  # fmt: skip
