"""What the trials of bodies share: one body as an answer, small limits, and the words of their outcomes."""

import base64

from client_trials.answers import VIDEO
from client_trials.raw_provider import Play, answer, says
from nebula_client import Limits

TEXT = base64.b64encode(VIDEO).decode()
FILE, BROKEN, DAMAGED = "file, 1 GET", "BrokenContractError, 1 GET", "IntegrityError, 1 GET"
MIB = 1024 * 1024
SMALL = Limits(download_bytes=MIB, submit_bytes=MIB, query_bytes=MIB)


def got(body: bytes, *headers: str) -> Play:
    """A provider that answers everything with that body."""
    return says(answer(200, body, *headers))
