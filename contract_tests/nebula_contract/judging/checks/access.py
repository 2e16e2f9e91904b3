"""NC7: keys and accounts: who is let in, and who sees whose tasks."""

from nebula_contract.judging.deviations import deviation
from nebula_contract.judging.matching import match
from nebula_contract.judging.registry import Found, exchange_check
from nebula_contract.judging.views import Seen

_OWN = ("own", "second", "reduced")


@exchange_check(
    "NC701",
    "a-good-key-is-let-in",
    promise="A request with a good key is not refused for its key.",
    cause="The key was disabled, its quota is used up, or it may not use this model or address.",
    remedy="Consumer: see the key on the provider's site. Provider: see its standing.",
    source="DOC, SRC",
)
def good_key(seen: Seen) -> Found:
    if match(seen) is None or seen.exchange.request.credential not in _OWN:
        return None
    return deviation(seen, "key-refused")


@exchange_check(
    "NC702",
    "no-key-no-answer",
    promise="A request without a key is refused with 401, before anything else of it is looked at.",
    cause="The route is open, or the check comes too late.",
    remedy="Provider: close it. Consumer: your tasks may be read by anyone who knows their id.",
    source="PAGE, DOC, SRC",
)
def no_key(seen: Seen) -> Found:
    return deviation(seen, "accepted") if _needs_a_key(seen, "none") else None


@exchange_check(
    "NC703",
    "a-malformed-key-is-refused",
    promise="A request whose Authorization names no key is refused with 401.",
    cause="The header is not read as it should be.",
    remedy="Provider: read it strictly.",
    source="DOC, SRC",
)
def malformed_key(seen: Seen) -> Found:
    return deviation(seen, "accepted") if _needs_a_key(seen, "malformed") else None


def _needs_a_key(seen: Seen, credential: str) -> bool:
    is_api = seen.exchange.operation in ("submit", "query", "download")
    return is_api and seen.exchange.request.credential == credential and bool(seen.expected.refusals)


@exchange_check(
    "NC704",
    "another-account-sees-no-task",
    promise="A query for a task of another key is answered as for an unknown task.",
    cause="Tasks are looked up by id alone.",
    remedy="Provider: look up by account and id. Consumer: prompts and results may be read by others.",
    source="SRC",
)
def foreign_query(seen: Seen) -> Found:
    return deviation(seen, "accepted") if _is_foreign(seen, "query") else None


@exchange_check(
    "NC705",
    "another-account-gets-no-video",
    promise="A download of a task of another key is answered as for an unknown task.",
    cause="Videos are looked up by id alone.",
    remedy="Provider: look up by account and id.",
    source="SRC",
)
def foreign_download(seen: Seen) -> Found:
    return deviation(seen, "accepted") if _is_foreign(seen, "download") else None


def _is_foreign(seen: Seen, operation: str) -> bool:
    """Whether the task is one of the run's, and the key is not its owner's."""
    exchange = seen.exchange
    if exchange.operation != operation or seen.task is None:
        return False
    is_owner = exchange.request.credential == seen.task.submit.request.credential
    return not is_owner and exchange.request.credential in (*_OWN, "unused")
