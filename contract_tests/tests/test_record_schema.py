"""The record's schema and its reader agree: what is written is valid, and what the schema shows can be read."""

import json
from pathlib import Path

import pytest

import nebula_schemas
from exchanges import answered, submitted
from nebula_contract.record.file import RecordWriter, read_record
from nebula_contract.record.reducing import reduced
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_schemas import contract

EXAMPLES = Path(nebula_schemas.__file__).parent / "files/examples/record-line"
SCHEMA = "files/record-line"
LIVE = RunHeader(
    "0.1.0", "https://video.example", "live", "2026-01-05T08:00:00Z", plan=f"sha256:{'0' * 64}", cap_usd="0.50"
)  # fmt: skip
VIDEO = reduced(200, {"content-type": "application/json"}, json.dumps({"base64": "A" * 6000}).encode())


def test_every_line_that_is_written_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson"
    exchanges = [
        submitted(),
        submitted(body=b"\xff", condition="failing", label="rejected"),
        submitted(body=b"x" * 20_000),
        submitted(
            body=json.dumps({"image": "A" * 20_000}).encode(), answer=None, failure="timeout: none came"
        ),
        answered(None),
        answered({}, answer=VIDEO),
    ]
    with RecordWriter(path, LIVE) as writer:
        for exchange in exchanges:
            writer.add(exchange)
        writer.end(RunEnd("2026-01-05T08:01:00.25Z", "cap", len(exchanges), "0.40", ("one note",)))
    for line in path.read_text("ascii").splitlines():
        contract().check(SCHEMA, json.loads(line))


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("valid/*.json")), ids=lambda path: path.stem)
def test_every_valid_line_is_read(example: Path, tmp_path: Path) -> None:
    line = json.loads(example.read_text("utf-8"))
    assert _read(line, tmp_path) == (line["kind"] == "exchange")


# A digest and an amount are texts to the reader: whoever changes them changes nothing that it does.
LENIENT = {"pattern-sha256", "pattern-cap-as-words"}


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("invalid/*.json")), ids=lambda path: path.stem)
def test_every_invalid_line_is_refused(example: Path, tmp_path: Path) -> None:
    line = json.loads(example.read_text("utf-8"))
    if example.stem in LENIENT:
        _read(line, tmp_path)
        return
    with pytest.raises(OSError, match="line"):
        _read(line, tmp_path)


def _read(line: dict[str, object], tmp_path: Path) -> int:
    """How many exchanges a record has whose header, only exchange or end is that line."""
    path = tmp_path / "run.ndjson"
    header = json.loads((EXAMPLES / "valid/header.json").read_text("utf-8"))
    end = {"kind": "end", "ended_at": "2026-01-05T08:01:00Z", "stop": "complete", "exchanges": 0}
    if line.get("kind") == "header":
        lines = [line, end]
    elif line.get("kind") == "end":
        lines = [header, {**line, "exchanges": min(0, int(str(line["exchanges"])))}]
    else:
        lines = [header, line]
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")
    return sum(1 for _ in read_record(path).exchanges())
