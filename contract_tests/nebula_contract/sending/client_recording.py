"""A requests adapter under our own client: what it asks and gets becomes exchanges, with what it made of them."""

import io
import time
from dataclasses import replace
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from nebula_contract.judging.expected import operation_of
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.redaction import redacted
from nebula_contract.record.reducing import reduced
from nebula_contract.sending.asking import Case
from nebula_contract.sending.failing import FAILURES, told, whole_body
from nebula_contract.sending.wire import Asked, Sent, Wire, exchange_of


class Recording(BaseAdapter):
    """Carries the client's requests to the target, and records them when the client has said what it makes of them."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire
        self._builder = HTTPAdapter()
        self._asked = Asked("GET", "")
        self._held: list[Exchange] = []

    def begin(self, case: Case, raw: Sent) -> None:
        """A call of the client begins, as the twin of ``raw``."""
        self._held = []
        number = str(raw.exchange.number)
        self._asked = Asked("GET", "", case.owner, case=case.name, purpose="client-step", subject=number)

    def end(self, label: str) -> None:
        """The call is over, and this is what the client said."""
        for one in self._held[:-1]:
            self._wire.recorder.add(one)
        for one in self._held[-1:]:
            self._wire.recorder.add(replace(one, purpose="client", label=label))

    def send(self, request: PreparedRequest, *_arguments: Any, **options: Any) -> Response:
        """The target's answer, read whole before the client reads it."""
        asked = self._as_asked(request)
        at_s, began = self._wire.clock.now_s(), time.perf_counter()
        try:
            response = self._wire.adapter.send(request, **{**options, "stream": True})
            raw = whole_body(response)
        except FAILURES as error:
            self._hold(asked, None, redacted(told(error), self._wire.keys), at_s, began)
            raise
        headers = {name.lower(): value for name, value in response.raw.headers.itermerged()}
        self._hold(asked, reduced(response.status_code, headers, raw, self._wire.keys), "", at_s, began)
        again = HTTPResponse(
            body=io.BytesIO(raw),
            headers=response.raw.headers,
            status=response.status_code,
            reason=response.reason,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
            enforce_content_length=False,
        )
        return self._builder.build_response(request, again)

    def close(self) -> None:
        """The target's own adapter stays open for others."""
        self._builder.close()

    def _as_asked(self, request: PreparedRequest) -> Asked:
        url, method = request.url or "", request.method or "GET"
        is_ours = url.startswith(f"{self._wire.base_url}/v1/")
        path = url.removeprefix(self._wire.base_url) if is_ours else url
        headers = {name: str(value) for name, value in request.headers.items()}
        headers.pop("Authorization", None)
        body = request.body.encode() if isinstance(request.body, str) else request.body
        return replace(
            self._asked,
            method=method,
            path=path,
            credential=self._asked.credential if "Authorization" in request.headers else "none",
            operation=operation_of(method, path),
            body=body if isinstance(body, bytes) else None,
            headers=headers,
        )

    def _hold(self, asked: Asked, answer: Any, failure: str, at_s: float, began: float) -> None:
        until_s, took_s = self._wire.clock.now_s(), time.perf_counter() - began
        self._held.append(exchange_of(asked, answer, failure, at_s=at_s, until_s=until_s, took_s=took_s))
