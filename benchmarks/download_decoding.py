"""What decoding a download costs: MB/s of video and memory, of the client's decoder and of JSON libraries.

Bars for a 15 MiB video (42 MB of JSON): at most 4 MB of memory, 150 MB/s with the standard library alone, 300 MB/s
with pybase64. Each reader has a process of its own and reads a file in chunks of 256 KiB; time includes SHA-256 and
is the best of five runs, memory is the peak above what the process held before (Linux: read from /proc).

    python benchmarks/download_decoding.py

Libraries that are not ours are no dependencies: `pip install ijson json-stream jsonsax streaming-json-parser`
brings what is missing, and what is there is measured.
"""

import base64
import hashlib
import importlib.util
import io
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import pybase64

from nebula_client import base64_stream
from nebula_client.result_document import ResultDocument, Verify

_MIB = 2**20
_CHUNK, _RUNS, _SLOW_S = 256 * 1024, 5, 3
_TASK = "video_1"
_COPY = "base64"

Reader = Callable[[BinaryIO], Iterable[bytes]]


def main() -> None:
    """Print a line for each reader that can be run here."""
    video = random.Random(7).randbytes(15 * _MIB)  # noqa: S311 - the same video each time
    digest = hashlib.sha256(video).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.json"
        path.write_bytes(_document(video))
        for name in _READERS:
            package = name.split()[0]
            if importlib.util.find_spec(package.replace("-", "_")) is None:
                print(f"{name:42} not installed")
                continue
            command = [sys.executable, __file__, name, str(path), digest]
            print(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="", flush=True
            )


def _document(video: bytes) -> bytes:
    text = base64.b64encode(video).decode()
    told = {"success": True, "generation_id": _TASK, "task_id": _TASK, "format": "mp4", "size": len(video)}
    return json.dumps(told | {_COPY: text, "data_url": f"data:video/mp4;base64,{text}"}).encode()


def measure(name: str, path: Path, digest: str) -> None:
    """Print what one reader needs, in this process."""
    reader = _READERS[name]
    list(reader(io.BytesIO(_document(b"small"))))  # whatever the reader imports is not what is measured
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins again
    before = _memory_mb("VmRSS")
    times: list[float] = []
    while len(times) < _RUNS and sum(times) < _SLOW_S:
        began = time.perf_counter()
        found = hashlib.sha256()
        with path.open("rb", buffering=0) as file:
            for block in reader(file):
                found.update(block)
        times.append(time.perf_counter() - began)
        assert found.hexdigest() == digest, name
    speed = 15 * _MIB / min(times) / 1e6
    print(f"{name:42} {speed:6.0f} MB/s, {_memory_mb('VmHWM') - before:6.1f} MB more memory")


def _memory_mb(what: str) -> float:
    (found,) = re.findall(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found) * 1024 / 1e6


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _ours(verify: Verify, *, fast: bool) -> Reader:
    def read(file: BinaryIO) -> Iterator[bytes]:
        if not fast:
            vars(base64_stream)["pybase64"] = None
        return ResultDocument(_TASK, verify=verify).video(_chunks(file))

    return read


def _whole(file: BinaryIO) -> Iterator[bytes]:
    yield base64.b64decode(json.load(file)[_COPY], validate=True)


def _decoded(text: str) -> bytes:
    return pybase64.b64decode(text, validate=True)


def _ijson(backend: str) -> Reader:
    def read(file: BinaryIO) -> Iterator[bytes]:
        events = import_module(f"ijson.backends.{backend}").parse(file, buf_size=_CHUNK)
        return (_decoded(value) for prefix, _, value in events if prefix == _COPY)

    return read


def _json_stream(tokenizer: str) -> Reader:
    def read(file: BinaryIO) -> Iterator[bytes]:
        module, _, name = tokenizer.rpartition(".")
        members = import_module("json_stream").load(
            _chunks(file), tokenizer=getattr(import_module(module), name)
        )
        return (_decoded(value) for name, value in members.items() if name == _COPY)

    return read


def _jsonsax(file: BinaryIO) -> Iterator[bytes]:
    names: list[str] = []
    found: list[str] = []
    parser: Any = import_module("jsonsax").Parser()
    parser.on("key", lambda _, name: names.append(name))
    parser.on("value", lambda _, value: found.append(value) if names[-1:] == [_COPY] else None)
    for chunk in _chunks(file):
        parser.feed(chunk.decode())
    parser.close()
    return map(_decoded, found)


def _streaming_json_parser(file: BinaryIO) -> Iterator[bytes]:
    parser: Any = import_module("streaming_json_parser").StreamingJsonParser()
    results = [parser.feed(chunk) for chunk in _chunks(file)]
    yield _decoded(results[-1].value[_COPY])


_READERS: dict[str, Reader] = {
    "nebula_client skip, pybase64": _ours("skip", fast=True),
    "nebula_client skip, standard library": _ours("skip", fast=False),
    "nebula_client stop, pybase64": _ours("stop", fast=True),
    "nebula_client stop, standard library": _ours("stop", fast=False),
    "nebula_client compare, pybase64": _ours("compare", fast=True),
    "nebula_client compare, standard library": _ours("compare", fast=False),
    "json and base64, whole": _whole,
    "ijson yajl2_c": _ijson("yajl2_c"),
    "ijson python": _ijson("python"),
    "json-stream rust": _json_stream("json_stream_rs_tokenizer.RustTokenizer"),
    "json-stream python": _json_stream("json_stream.tokenizer.tokenize"),
    "jsonsax": _jsonsax,
    "streaming-json-parser": _streaming_json_parser,
}

if __name__ == "__main__":
    if sys.argv[1:]:
        measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    else:
        main()
