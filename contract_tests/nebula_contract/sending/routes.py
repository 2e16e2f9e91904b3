"""Everything that is no operation, or nearly one: methods, paths, ids, content types and broken JSON.

Purposes: ``method``, ``path``, ``download-id``, ``query-id``, ``content-type``, ``broken-json``, ``odd-json`` (JSON that some readers
take and others do not), ``get-body``, ``request-header``.
"""

from collections.abc import Iterator
from dataclasses import replace

from nebula_contract.judging.expected import operation_of
from nebula_contract.sending.asking import JSON, Case, as_json, in_path, task_id_of
from nebula_contract.sending.bodies import REALISTIC_REQUESTS
from nebula_contract.sending.profiles import Profile
from nebula_contract.sending.target import GENERATIONS, Target
from nebula_contract.sending.wire import Asked

METHODS = ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "POST", "GET")
CONTENT_TYPES = (
    *(
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "",
        "text/json",
        "application/jsonp",
    ),
    *(
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON",
        " application/json ",
    ),
    *("application/vnd.api+json", "application/json, text/plain", "*/*", "json"),
)

_BASE: dict[str, object] = dict(REALISTIC_REQUESTS["sora"])
_WHOLE = as_json(_BASE)
_UNKNOWN = "video_" + "0" * 32
_CUT_EVERY = 7
_DEEP = 2000


def send_routes(target: Target, _profile: Profile, _seed: int) -> None:
    """All of them, once each; nothing is judged."""
    task_id = task_id_of(Case(target, "routes/task/1").submit(_BASE)) or _UNKNOWN
    for number, asked in enumerate(_asked(task_id), 1):
        whole = replace(asked, operation=operation_of(asked.method, asked.path))
        Case(target, f"routes/{asked.purpose}/{number}").send(whole)


def _asked(task_id: str) -> Iterator[Asked]:
    yield from _methods(task_id)
    yield from _paths(task_id)
    yield from _download_ids(task_id)
    yield from _content_types()
    yield from _json_texts()
    yield from _odd_requests(task_id)


def _methods(task_id: str) -> Iterator[Asked]:
    own = in_path(task_id)
    places = (
        (GENERATIONS, "POST"),
        (f"{GENERATIONS}/{own}", "GET"),
        (f"{GENERATIONS}/download?id={own}", "GET"),
    )
    for path, right in places:
        for method in METHODS:
            if method != right:
                yield Asked(method, path, purpose="method")
        yield Asked("PUT", path, body=_WHOLE, content_type=JSON, purpose="method")
        yield Asked("DELETE", path, "none", purpose="method")


def _paths(task_id: str) -> Iterator[Asked]:
    own = in_path(task_id)
    for path in (
        *(
            "/",
            "/v1",
            "/v1/",
            "/v1/video",
            "/v1/video/generation",
            "/v1/video/generations/",
            "/v2/video/generations",
        ),
        *(
            "//v1/video/generations",
            "/v1//video/generations",
            "/V1/VIDEO/GENERATIONS",
            "/v1/models",
            "/favicon.ico",
        ),
        *(
            f"{GENERATIONS}/{own}/",
            f"{GENERATIONS}//{own}",
            f"{GENERATIONS}/{own}/status",
            f"/v1/video/{own}",
        ),
        *(f"{GENERATIONS}/download/", f"{GENERATIONS}/download/{own}", f"{GENERATIONS}/Download?id={own}"),
        *("/v1/video/../video/generations", "/v1/video/generations%2Fnone", "/.well-known/security.txt"),
    ):
        yield Asked("GET", path, purpose="path")
    for path in (
        f"{GENERATIONS}/",
        "/v1/video/generation",
        "//v1/video/generations",
        f"{GENERATIONS}/download",
    ):
        yield Asked("POST", path, body=_WHOLE, content_type=JSON, purpose="path")


def _download_ids(task_id: str) -> Iterator[Asked]:
    own = in_path(task_id)
    for query in (
        *("", "?", "?id=", "?id", f"?task_id={own}", f"?ID={own}", "?id=%20", "?id=download"),
        *(f"?id={own}&id=other", f"?id=other&id={own}", f"?id={own}&x=1", f"?x=1&id={own}"),
        *("?id=none", "?id=..%2F..%2Fetc", "?id=%00", "?id=%E7%8C%AB", "?id=" + "a" * 500, f"?id={own}%20"),
    ):
        yield Asked("GET", f"{GENERATIONS}/download{query}", purpose="download-id")
    for word in (
        "none",
        "%20",
        "..%2Fdownload",
        "%00",
        "%E7%8C%AB",
        "a" * 500,
        "%ff%fe",
        "0",
        "null",
        "download%20",
    ):
        yield Asked("GET", f"{GENERATIONS}/{word}", purpose="query-id")


def _content_types() -> Iterator[Asked]:
    for family, body in REALISTIC_REQUESTS.items():
        for content_type in CONTENT_TYPES if family == "sora" else CONTENT_TYPES[:7]:
            yield _submit(as_json(body), "content-type", content_type=content_type)
    yield _submit(b"model=sora-2&prompt=A+cat", "content-type", content_type=CONTENT_TYPES[1])
    yield _submit(b"", "content-type", content_type="")
    yield _submit(b"{", "content-type", content_type="text/plain")


def _json_texts() -> Iterator[Asked]:
    for at in range(0, len(_WHOLE), _CUT_EVERY):
        yield _submit(_WHOLE[:at], "broken-json")
    for raw in (
        *(
            b"[]",
            b"5",
            b'"text"',
            b"null",
            b"true",
            b"{}{}",
            b"{",
            b"}",
            b"   ",
            b"[1, 2",
            b"{'model': 'sora-2'}",
        ),
        *(b'{"model": sora-2}', b'{"model": "sora-2",}', _WHOLE + b"}", _WHOLE + b"x", b"//\n" + _WHOLE),
        *(_WHOLE.replace(b"cat", b"\xff\xfe"), _WHOLE.replace(b"cat", b"c\nt"), b"\x00" + _WHOLE),
        *(b"[" * _DEEP, b"[" + _WHOLE + b"]"),
    ):
        yield _submit(raw, "broken-json")
    for raw in (
        b"\xef\xbb\xbf" + _WHOLE,
        _WHOLE[:-1] + b', "model": "sora-2"}',
        _WHOLE[:-1] + b', "x": NaN}',
        _WHOLE[:-1] + b', "x": Infinity}',
        _WHOLE[:-1] + b', "x": 1e999}',
        _WHOLE[:-1] + b', "x": ' + b"[" * 200 + b"]" * 200 + b"}",
        _WHOLE[:-1] + b', "x": "\\ud800"}',
        _WHOLE[:-1] + b', "x": "' + b"y" * 100_000 + b'"}',
        _WHOLE.decode().encode("utf-16"),
        b"  \n\t" + _WHOLE + b"\r\n ",
    ):
        yield _submit(raw, "odd-json")


def _odd_requests(task_id: str) -> Iterator[Asked]:
    own = f"{GENERATIONS}/{in_path(task_id)}"
    yield Asked("GET", own, body=_WHOLE, content_type=JSON, purpose="get-body")
    yield Asked("GET", own, body=b"{", content_type=JSON, purpose="get-body")
    for headers in (
        {"Accept": "text/html"},
        {"Accept": "application/xml"},
        {"Accept-Language": "zh-CN"},
        {"Accept-Encoding": "gzip, deflate, br"},
        {"Connection": "close"},
        {"User-Agent": "curl/8.5.0"},
        {"Origin": "https://app.example.com"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"If-None-Match": "*"},
        {"Range": "bytes=0-9"},
        {"X-Oneapi-Request-Id": "mine"},
    ):
        yield Asked("GET", own, headers=headers, purpose="request-header")
        yield _submit(_WHOLE, "request-header", headers=headers)


def _submit(
    raw: bytes, purpose: str, *, content_type: str = JSON, headers: dict[str, str] | None = None
) -> Asked:
    return Asked(
        "POST",
        GENERATIONS,
        body=raw,
        content_type=content_type,
        headers=headers or {},
        purpose=purpose,
    )
