"""Secrets that stand in a provider's answers, at any place, get into no format of the drift report."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.formats import DRIFT_FORMATS
from nebula_contract.live.options import run_live
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import RecordWriter, read_record
from nebula_contract.record.reducing import reduced
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_mock import MockServer
from spending import OWN, REDUCED, SECOND, Kept, options, plan_file

KEY = "sk-canary0123456789abcdefghij"
SIGNATURE = "c4n4rys1gnature0000000000000000"
SIGNED = f"https://results.example/a/b.mp4?X-Tos-Signature={SIGNATURE}&Expires=1"
VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(range(256)) * 64
BASE64 = base64.b64encode(VIDEO).decode("ascii")
WINDOW = 24
"""Characters of the video's text of which none may be told in a row."""

_TODAY = date(2026, 1, 8)
Change = Callable[[dict[str, Any]], dict[str, Any]]
CHANGES: Mapping[str, Change] = {
    "a status": lambda body: {**body, "status": f"paused by {KEY}"},
    "a status that is the key": lambda body: {**body, "status": KEY},
    "the name of a member": lambda body: {**body, KEY: 1, SIGNED: 1, f"x {KEY}": {SIGNED: KEY}},
    "a signed address as a status": lambda body: {**body, "status": SIGNED},
    "a member that is new": lambda body: {**body, "video": BASE64, "link": SIGNED, "by": KEY},
    "an envelope": lambda body: {"code": KEY, "message": f"Bearer {KEY}", "data": {**body, "url": SIGNED}},
    "a failure": lambda body: {
        **body,
        "status": "failed",
        "error": {"code": KEY, "message": SIGNED + BASE64},
    },
    "an error": lambda _: {"error": {"type": KEY, "code": SIGNED, "message": f"{KEY} {BASE64}"}},
    "a data URL": lambda body: {**body, "url": f"data:video/mp4;base64,{BASE64}", "format": KEY},
    "a long status": lambda body: {**body, "status": BASE64},
}


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Exchange]:
    """A rehearsed live run of every family."""
    folder = tmp_path_factory.mktemp("rehearsal")
    plan = plan_file(folder, families=(), probes_rejections=True)
    kept = Kept()
    with MockServer(clock="manual", keys=(OWN, SECOND, REDUCED)) as mock:
        wish = options(folder, mock.url, plan, max_spend="20", max_spend_day="50")
        keys = {
            "NEBULA_API_KEY": OWN,
            "NEBULA_SECOND_API_KEY": SECOND,
            "NEBULA_REDUCED_API_KEY": REDUCED,
        }
        run_live(wish, kept, keys)
    return kept.exchanges


def _changed(one: Exchange, change: Change) -> Exchange:
    """The exchange with a changed answer, reduced as a run does it."""
    if one.answer is None or not isinstance(one.json, dict) or one.answer.body.long_texts:
        return one
    raw = json.dumps(change(one.json)).encode()
    headers = {
        "content-type": "application/json",
        "x-oneapi-request-id": f"id {KEY}",
        "location": SIGNED,
        "x-new": KEY,
        f"x-{KEY}": "1",
    }
    return replace(one, answer=reduced(one.answer.status, headers, raw))


def _tampered(one: Exchange, change: Change) -> Exchange:
    """The exchange as a record says it that was not reduced: somebody wrote it by hand."""
    if one.answer is None or not isinstance(one.json, dict):
        return one
    body = replace(one.answer.body, json=change(one.json))
    return replace(one, answer=replace(one.answer, body=body))


def _report(folder: Path, exchanges: Sequence[Exchange], baseline: Path | None) -> tuple[Path, DriftReport]:
    path = folder / f"{len(list(folder.iterdir()))}.ndjson"
    header = RunHeader("0.1.0", "https://provider.example", "live", "2026-01-05T08:00:00Z", profile="live")
    with RecordWriter(path, header) as writer:
        for one in exchanges:
            writer.add(one)
        writer.end(RunEnd("2026-01-05T08:09:00Z", "complete", len(exchanges)))
    bounds = DriftBounds(
        baseline=baseline or path, accepted=folder / "no-accepted.json", fail_on="info", today=_TODAY
    )
    return path, drifted(read_record(path), bounds, kept_at="run.ndjson")


@pytest.mark.parametrize("name", [*CHANGES])
def test_no_secret_of_an_answer_gets_into_any_format(
    exchanges: Sequence[Exchange], tmp_path: Path, name: str
) -> None:
    before, calm = _report(tmp_path, exchanges, None)
    assert list(calm.findings) == []
    _, report = _report(tmp_path, [_changed(one, CHANGES[name]) for one in exchanges], before)
    assert report.findings, "the change was not seen: the canaries went nowhere"
    pieces = {BASE64[at : at + WINDOW] for at in range(len(BASE64) - WINDOW)}
    for form, made in DRIFT_FORMATS.items():
        told = made(report)
        assert [key for key in (KEY, OWN, SECOND, REDUCED) if key in told] == [], form
        assert "sk-canary" not in told, form
        assert SIGNATURE not in told, form
        windows = {told[at : at + WINDOW] for at in range(len(told) - WINDOW)}
        assert windows & pieces == set(), form


@pytest.mark.parametrize("name", [name for name in CHANGES if "long" not in name])
def test_no_key_of_a_record_that_somebody_wrote_gets_into_any_format(
    exchanges: Sequence[Exchange], tmp_path: Path, name: str
) -> None:
    before, _ = _report(tmp_path, exchanges, None)
    _, report = _report(tmp_path, [_tampered(one, CHANGES[name]) for one in exchanges], before)
    assert report.findings
    for form, made in DRIFT_FORMATS.items():
        told = made(report)
        assert "sk-canary" not in told, form
        assert SIGNATURE not in told, form
