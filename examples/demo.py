"""The whole provider job, offline: submit, poll, download; one video of each family.

Run by ``make demo``. It starts the provider on a free port of this machine, asks for four videos
through the client, shows how they come along, and writes them into ``demo-videos``. Nothing leaves
the machine and nothing is paid for.
"""

import argparse
import signal
import sys
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from nebula_client import Generation, NebulaError, OutputError, PollSchedule, Task, VideoClient
from nebula_client.progress import Update, live_progress, row_of
from nebula_client.whole_file import check_target
from nebula_mock import MockServer
from nebula_mock.runner import BindError
from nebula_mock.settings import SettingsError

_CENT = Decimal("0.01")
_SHOWN_ID = 38  # characters of a task id: all of Sora's and Wan's; Veo's have over a hundred
_LOOK_S = 0.2  # how soon a Ctrl-C is acted upon
_SCHEDULE = PollSchedule(first_s=2.0, growth=1.0, longest_s=2.0)


@dataclass(frozen=True, slots=True)
class Order:
    """One video to ask for: the file it goes to, and the arguments of ``generate``."""

    file: str
    prompt: str
    parameters: dict[str, Any]


# The first is the request of the provider's own page, unchanged.
ORDERS = (
    Order(
        "sora-2.mp4",
        "A cute little cat playing in the garden",
        {"model": "sora-2", "seconds": "4", "size": "720x1280"},
    ),
    Order(
        "veo-3.1.mp4",
        "A lighthouse at dusk, waves below",
        {
            "model": "veo-3.1-fast-generate-preview",
            "durationSeconds": 6,
            "aspectRatio": "16:9",
            "resolution": "720p",
        },
    ),
    Order(
        "wan-2.5.mp4",
        "A paper boat sails down a rainy street",
        {"model": "wan2.5-t2v-preview", "duration": 5, "size": "832*480"},
    ),
    Order(
        "seedance-1.5.mp4",
        "A red fox runs through fresh snow",
        {"model": "doubao-seedance-1-5-pro-251215", "resolution": "480p", "ratio": "16:9", "duration": 5},
    ),
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of an order, and how long it took in seconds."""

    order: Order
    made: Generation
    took_s: float


def main() -> int:
    """Run the demo; 0 when four videos are on disk, 2 when they cannot be written, 130 after Ctrl-C, 1 else."""
    arguments = _arguments()
    folder: Path = arguments.out
    console = Console(highlight=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for order in ORDERS:
            check_target(folder / order.file, overwrite=True)
        with MockServer(speed=arguments.speed) as mock:
            console.print(f"A provider answers at {mock.url}; nothing leaves this machine.")
            delivered = _deliver(mock.url, folder, console)
        console.print("The provider has stopped.\n")
    except (OutputError, SettingsError, BindError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Cannot use the folder {folder}: {error.strerror}. Name another with --out.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The provider is gone, and its tasks with it.", file=sys.stderr)
        return 130
    except NebulaError as error:
        print(error, file=sys.stderr)
        return 1
    _tell(console, delivered, folder)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One video of each family, offline.")
    parser.add_argument("--out", type=Path, default=Path("demo-videos"), help="folder for the videos")
    parser.add_argument("--speed", type=float, default=1.0, help="provider seconds per real second")
    return parser.parse_args()


def _deliver(url: str, folder: Path, console: Console) -> list[Delivered]:
    """All orders at once, each shown as it comes along.

    Raises:
        KeyboardInterrupt: Somebody pressed Ctrl-C.
    """
    stopped = threading.Event()
    asked: list[int] = []

    def pause(seconds: float) -> None:
        """Wait between polls, unless somebody pressed Ctrl-C."""
        if stopped.wait(seconds):
            raise KeyboardInterrupt

    live = live_progress(console) if console.is_terminal else None
    with (
        VideoClient(api_key="sk-demo", base_url=url, schedule=_SCHEDULE, sleep=pause) as client,
        live or nullcontext(),
        ThreadPoolExecutor(len(ORDERS)) as pool,
    ):

        def deliver(order: Order) -> Delivered:
            name = order.parameters["model"]
            show = row_of(live, name, "submitting") if live else _lines(console, name)
            started = time.monotonic()
            made = client.generate(
                order.prompt, folder / order.file, overwrite=True, on_update=show, **order.parameters
            )
            return Delivered(order, made, time.monotonic() - started)

        # Ctrl-C is noted here and acted upon below: raised in the midst of a lock it could leave it locked.
        before = signal.signal(signal.SIGINT, lambda number, _frame: asked.append(number))
        try:
            jobs = [pool.submit(deliver, order) for order in ORDERS]
            while wait(jobs, timeout=_LOOK_S, return_when=FIRST_EXCEPTION).not_done and not any(
                map(_failed, jobs)
            ):
                if asked:
                    raise KeyboardInterrupt
            return [job.result() for job in jobs]
        finally:
            stopped.set()  # jobs that still run end at their next pause
            signal.signal(signal.SIGINT, before)


def _failed(job: "Future[Delivered]") -> bool:
    return job.done() and job.exception() is not None


_printing = threading.Lock()


def _lines(console: Console, name: str) -> Update:
    """Plain lines, one a poll, where there is no terminal to draw on."""

    def show(task: Task, polls: int) -> None:
        with _printing:
            console.print(f"{name}: poll {polls}: {task.status}", markup=False)

    return show


def _tell(console: Console, delivered: list[Delivered], folder: Path) -> None:
    table = Table(title="Four videos, and what they would have cost live", box=SIMPLE)
    table.add_column("model and task id", no_wrap=True)
    for heading in ("polls", "seconds", "bytes", "cost"):
        table.add_column(heading, justify="right", no_wrap=True)
    total = Decimal(0)
    for one in delivered:
        price = (one.made.submission.price_usd or Decimal(0)).quantize(_CENT)
        total += price
        task_id = one.made.task.task_id
        table.add_row(
            f"{one.order.parameters['model']}\n[dim]{_shown(task_id)}[/dim]",
            str(one.made.polls),
            f"{one.took_s:.1f}",
            f"{one.made.video.size_bytes:,}",
            f"${price:.2f}",
        )
    table.add_section()
    table.add_row("together", "", "", "", f"${total:.2f}")
    console.print(table)
    console.print(f"The videos are in {folder}/: open one in any player or browser.", soft_wrap=True)
    console.print(
        "\nNext:\n"
        "  .venv/bin/nebula-mock serve\n"
        "      the provider on port 8383, until Ctrl-C; point your own code at it with any key sk-...\n"
        "  NEBULA_API_KEY=sk-test NEBULA_BASE_URL=http://127.0.0.1:8383 \\\n"
        '    .venv/bin/nebula-video generate "A cat" --model sora-2 --out cat.mp4\n'
        "      the client from the shell; leave NEBULA_BASE_URL out and it is the live provider, and costs\n"
        "  .venv/bin/nebula-contract test --target mock\n"
        "      the contract suite; README.md tells the rest",
        markup=False,
        soft_wrap=True,
    )


def _shown(task_id: str) -> str:
    return task_id if len(task_id) <= _SHOWN_ID else f"{task_id[: _SHOWN_ID - 3]}..."


if __name__ == "__main__":
    sys.exit(main())
