"""What a download costs the client: time and memory beside the page's own sample and the bare socket.

Bars: at most 4 MB of memory beyond the imports, for any size; at least 3 times the throughput of the
provider's page (``requests.get(...).json()``, then ``b64decode``) with the standard library's decoder,
and 8 times with the extra ``fast``. The figures are megabytes of video a second, medians of fresh
processes, the client's with SHA-256, fsync and the atomic name. The server sends a document that lies
ready, so that it costs next to nothing (Linux: memory is read from /proc).

    python benchmarks/download.py [--runs N] [--verify skip|stop|compare]... [MIB ...]
"""

import argparse
import base64
import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

_ID = "video_69095b4ce0048190893a01510c0c98b0"
_SIZES_MIB = (1, 15, 256)
_RUNS = 5
_MIB = 1024 * 1024
_LARGEST_FOR_SAMPLE = 64  # MiB; beyond, the sample takes gigabytes
_BARS = "bars: 4 MB extra; 3 x the page's sample, 8 x with [fast]"

_CHILD = r"""
import json, re, socket, sys, time
from pathlib import Path
way, address, target, verify = sys.argv[1:5]
if way == "ours":
    sys.modules["pybase64"] = None
def peak():
    return int(re.search(r"VmHWM:\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1])
url = f"http://{address}/v1/video/generations/download?id=@ID"
if way.startswith("ours"):
    from nebula_client import VideoClient
    client = VideoClient("sk-benchmark", f"http://{address}")
    def run():
        return client.download("@ID", target, verify=verify).sha256
elif way == "sample":
    import base64, hashlib, requests
    def run():
        video = base64.b64decode(requests.get(url).json()["base64"])
        Path(target).write_bytes(video)
        return hashlib.sha256(video).hexdigest()
else:
    host, port = address.split(":")
    def run():
        with socket.create_connection((host, int(port))) as peer:
            peer.sendall(f"GET {url} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
            buffer = bytearray(1 << 20)
            while peer.recv_into(buffer):
                pass
        return ""
before, began = peak(), time.perf_counter()
digest = run()
took = time.perf_counter() - began
print(json.dumps({"s": took, "extra_kib": peak() - before, "sha256": digest}))
""".replace("@ID", _ID)


def main() -> None:
    """Print a row for each size and way."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=_RUNS)
    parser.add_argument("--verify", choices=["skip", "stop", "compare"], action="append")
    parser.add_argument("mib", nargs="*", type=int, default=_SIZES_MIB)
    options = parser.parse_args()
    print(f"{options.runs} runs each; {_BARS}")
    with tempfile.TemporaryDirectory() as folder:
        for mib in options.mib:
            _compare(Path(folder), mib, options.runs, options.verify or ["skip", "stop"])


def _compare(folder: Path, mib: int, runs: int, verifies: list[str]) -> None:
    document = folder / "document.json"
    digest = _write_document(document, mib * _MIB)
    ways = [("bare socket", "")] + ([("sample", "")] if mib <= _LARGEST_FOR_SAMPLE else [])
    ways += [(way, verify) for verify in verifies for way in ("ours", "ours [fast]")]
    speeds: dict[str, float] = {}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, document), daemon=True).start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        for way, verify in ways:
            rows = [_run(way, address, folder / "cat.mp4", verify, digest) for _ in range(runs)]
            speeds[way] = mib * _MIB / 1e6 / statistics.median(row["s"] for row in rows)
            extra = max(row["extra_kib"] for row in rows) * 1024 / 1e6
            ratio = f"{speeds[way] / speeds['sample']:5.1f} x the sample" if "sample" in speeds else ""
            print(
                f"{mib:4} MiB  {way:12} {verify:8}{speeds[way]:7.0f} MB/s  extra {extra:6.1f} MB  {ratio}".rstrip()
            )


def _run(way: str, address: str, target: Path, verify: str, digest: str) -> dict[str, float]:
    target.unlink(missing_ok=True)
    command = [sys.executable, "-c", _CHILD, way, address, str(target), verify]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row = json.loads(done.stdout)
    assert row.pop("sha256") in {digest, ""}, f"{way} wrote another video"
    return dict(row)


def _write_document(path: Path, size_bytes: int) -> str:
    """Write the answer of a download as the page shows it; gives the video's SHA-256."""
    digest = hashlib.sha256()
    head = b"\x00\x00\x00\x20ftypisom"
    blocks = [head + os.urandom(3 * _MIB - len(head))] + [os.urandom(3 * _MIB)] * (size_bytes // (3 * _MIB))
    with path.open("wb") as file:
        members = {"success": True, "generation_id": _ID, "task_id": _ID, "format": "mp4", "size": size_bytes}
        file.write(json.dumps(members)[:-1].encode())
        for name, start in (("base64", ""), ("data_url", "data:video/mp4;base64,")):
            file.write(f', "{name}": "{start}'.encode())
            left = size_bytes
            for block in blocks:
                part = block[:left]
                left -= len(part)
                file.write(base64.b64encode(part))
                if name == "base64":
                    digest.update(part)
            file.write(b'"')
        file.write(b"}")
    return digest.hexdigest()


def _serve(listener: socket.socket, document: Path) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return  # closed: the comparison is over
        with peer, document.open("rb") as file:
            peer.recv(65536)
            length = document.stat().st_size
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                f"Content-Length: {length}\r\nConnection: close\r\n\r\n"
            )
            try:
                peer.sendall(head.encode())
                peer.sendfile(file)
            except OSError:
                continue  # a consumer that stops behind the first copy


if __name__ == "__main__":
    main()
