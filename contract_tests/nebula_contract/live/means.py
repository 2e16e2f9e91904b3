"""What a live run is carried out with."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from nebula_client.api_key import ApiKey
from nebula_contract.live.asking import Send
from nebula_contract.live.budget import Caps
from nebula_contract.live.hosts import Place
from nebula_contract.live.ledger import Ledger
from nebula_contract.live.line import send
from nebula_contract.record.exchange import Credential, Exchange

LEAST_PAUSE_S = 3.0
"""Between two polls: the provider asks for 3 to 5 s (DOC)."""


@dataclass(frozen=True)
class Means:
    """What a run is carried out with.

    Attributes:
        place: The provider, from ``hosts.allowed_place``.
        keys: The keys, by whose they are; ``own`` at least.
        ledger: What was spent.
        caps: What may be spent.
        keep: Takes each exchange as it happens.
        doubted: Asked when all cases were tried: numbers of exchanges whose reads are to be sent once more.
        now: Seconds of the target's clock, from any start.
        sleep: Lets that many of its seconds pass.
        poll_every_s: Seconds between polls, where the plan's are fewer; at least 3.
        deadline_s: Seconds of the target's clock after which nothing new is sent.
        timeout_s: What one exchange may take on the wall.
        send: Sends one request.
    """

    place: Place
    keys: Mapping[Credential, ApiKey]
    ledger: Ledger
    caps: Caps
    keep: Callable[[Exchange], None]
    doubted: Callable[[], Collection[int]] = tuple
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    poll_every_s: float = LEAST_PAUSE_S
    deadline_s: float = 3600.0
    timeout_s: float = 120.0
    send: Send = send
