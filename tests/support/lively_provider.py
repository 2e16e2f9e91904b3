"""A provider on a socket that shows, one request after the other, all that it can answer.

Time passes with every request and with nothing else, so that the same requests get the same answers
however long they take. Every third task fails, and of the others every second hands over its result in the
answer where its family can.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

from nebula_mock import Failure, ManualClock, Plan, Settings, create_app
from nebula_mock.runner import Runner
from nebula_schemas.catalogue import Dialect

KEY = "sk-schemathesis"
SECONDS_A_REQUEST = 4.0
_NOON = 1_763_812_800.0


@dataclass(slots=True)
class Served:
    """What was served.

    Attributes:
        url: Where.
        answers: Method, path without ids, and status of every answer of the provider, counted.
    """

    url: str
    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)


@contextmanager
def lively_provider(
    dialect: Dialect,
    *,
    wrong: "Callable[[WSGIApplication], WSGIApplication]" = lambda app: app,
) -> Iterator[Served]:
    """Serve it for as long as the block; ``wrong`` may put something between it and its consumers."""
    settings = Settings(dialect=dialect, clock="manual", seed=1, keys=(KEY,))
    clock = ManualClock(_NOON)
    provider = settings.provider(clock)
    plain = provider.behaviour
    failing = replace(plain, plan=Plan(failure=Failure("The prompt was refused by the content policy")))
    behaviours = itertools.cycle([plain, failing, replace(plain, video_results="data-uri")])
    app = wrong(create_app(settings, provider=provider).wsgi_app)
    lock = threading.Lock()

    def lively(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        is_ours = environ["PATH_INFO"].startswith("/_mock")
        with lock:
            if not is_ours:
                clock.advance(SECONDS_A_REQUEST)
            if environ["REQUEST_METHOD"] == "POST":
                provider.behaviour = next(behaviours)

        def counted(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if not is_ours:
                seen = environ["REQUEST_METHOD"], _shown(environ["PATH_INFO"]), int(status[:3])
                with lock:
                    served.answers[seen] += 1
            return start_response(status, headers, *rest)

        return app(environ, counted)

    with Runner(lively) as runner:
        served = Served(runner.url)
        yield served


def _shown(path: str) -> str:
    """The path with a word in place of a task id."""
    head, slash, last = path.rpartition("/")
    return path if last in ("generations", "download") else f"{head}{slash}{{task_id}}"
