"""Answers that arrive in parcels of one's choice: between a client and a mock, where the system would choose.

A client may do another thing when two pieces of an answer arrive together than when they come one by one.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_LONGEST_S = 20
_BLOCK_BYTES = 65_536


@contextmanager
def in_parcels(url: str, head_is_read: threading.Event | None) -> Iterator[str]:
    """The base URL of a go-between for one request to the server at ``url``.

    It hands on the whole answer at once, or the head first, and the rest when ``head_is_read``.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_LONGEST_S)
        going = threading.Thread(target=_go_between, args=(listening, url, head_is_read))
        going.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            if head_is_read is not None:
                head_is_read.set()  # a client that failed does not read on
            going.join()


def _go_between(listening: socket.socket, url: str, head_is_read: threading.Event | None) -> None:
    client, _ = listening.accept()
    address = urlsplit(url)
    with client, socket.create_connection((address.hostname, address.port or 80), _LONGEST_S) as server:
        client.settimeout(_LONGEST_S)
        server.sendall(_request(client))
        answer = b"".join(iter(lambda: server.recv(_BLOCK_BYTES), b""))
        if head_is_read is None:
            client.sendall(answer)
        else:
            end_of_head = answer.index(b"\r\n\r\n") + 4
            client.sendall(answer[:end_of_head])
            head_is_read.wait(_LONGEST_S)
            client.sendall(answer[end_of_head:])
        client.shutdown(socket.SHUT_WR)
        while client.recv(_BLOCK_BYTES):  # until the client has ended too
            pass


def _request(client: socket.socket) -> bytes:
    """A request with the body that its Content-Length announces."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += client.recv(_BLOCK_BYTES)
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    missing = int(lines.get(b"content-length", b"0")) - len(body)
    while missing > 0:
        more = client.recv(missing)
        raw, missing = raw + more, missing - len(more)
    return raw
