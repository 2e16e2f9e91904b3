"""The ledger: what is reserved counts until it is given back, whatever crashes, and whoever else writes."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_trials.raw_provider import Peer
from nebula_contract.live.budget import BudgetError, Caps, refusal
from nebula_contract.live.commands import settle_command
from nebula_contract.live.ledger import Ledger, Spender
from nebula_contract.live.ledger_lines import SETTLED, Book, Entry, LedgerError, book_of, line_bytes
from nebula_contract.live.money import usd_in, usd_text
from nebula_schemas import contract
from spending import OWN, TASK_ID, counted, plan_file, provider, run, task

HERE = Spender("run", "llm.ai-nebula.com", "account", "sha256:0")
MUCH = Caps(Decimal(100), Decimal(100), Decimal(100))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHILD = [sys.executable, "-c", "from spending import child_run; child_run()"]


def reserved(folder: Path, usd: str = "0.40", caps: Caps = MUCH, who: Spender = HERE) -> tuple[Ledger, Entry]:
    """A ledger with one more reservation."""
    ledger = Ledger(folder / "ledger.ndjson")
    return ledger, ledger.reserve("job/sora/submit", Decimal(usd), caps, who)


def environment(folder: Path, url: str, **more: str) -> dict[str, str]:
    """For ``spending.child_run`` in a process of its own."""
    paths = [str(Path(path).resolve()) for path in sys.path if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "FOLDER": str(folder), "URL": url, **more}


def test_every_line_is_valid_by_its_schema_and_holds_no_key(tmp_path: Path) -> None:
    ledger, entry = reserved(tmp_path)
    ledger.settle(entry.id, "accepted", task_id=TASK_ID, family="sora")
    ledger.release(entry.id, "failed")
    ledger.path.write_bytes(ledger.path.read_bytes() + b'{"kind":"reserve","usd":"0.40","id":"cut')
    reserved(tmp_path)
    lines = ledger.path.read_bytes().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["reserve", "settle", "release", "cut", "reserve"]
    assert [contract().violations("files/ledger-line", json.loads(line)) for line in lines] == [()] * 5
    assert ledger.path.stat().st_mode & 0o777 == 0o600


def test_a_run_leaves_no_key_in_the_ledger(tmp_path: Path) -> None:
    with provider() as target:
        run(tmp_path, target.url, plan_file(tmp_path))
    assert OWN not in (tmp_path / "ledger.ndjson").read_text("ascii")


@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        ((), "0.40"),
        (("refused",), "0"),
        (("not-sent",), "0"),
        (("unknown",), "0.40"),
        (("accepted",), "0.40"),
        (("accepted", "succeeded"), "0.40"),
        (("accepted", "failed"), "0"),
        (("unknown", "charged"), "0.40"),
        (("unknown", "not-charged"), "0"),
        (("not-charged",), "0"),
    ],
)
def test_what_an_outcome_counts(steps: tuple[str, ...], counts: str, tmp_path: Path) -> None:
    ledger, entry = reserved(tmp_path)
    for step in steps:
        ledger.settle(entry.id, step) if step in SETTLED else ledger.release(entry.id, step)
    assert counted(tmp_path) == counts


@pytest.mark.parametrize("after", ["refused", "succeeded"])
def test_what_is_over_cannot_become_anything_else(after: str, tmp_path: Path) -> None:
    ledger, entry = reserved(tmp_path)
    if after == "refused":
        ledger.release(entry.id, "refused")
    else:
        ledger.settle(entry.id, "accepted")
        ledger.settle(entry.id, "succeeded")
    before = ledger.path.read_bytes()
    with pytest.raises(LedgerError, match="cannot become"):
        ledger.settle(entry.id, "accepted")
    with pytest.raises(LedgerError, match="cannot become"):
        ledger.release(entry.id, "not-charged")
    with pytest.raises(LedgerError, match="no such entry"):
        ledger.release("other", "refused")
    assert ledger.path.read_bytes() == before


def test_threads_at_once_never_pass_the_cap(tmp_path: Path) -> None:
    caps = Caps(Decimal("2.00"), Decimal("2.00"), Decimal("2.00"))
    refused: list[BudgetError] = []

    def spend() -> None:
        for _ in range(10):
            try:
                reserved(tmp_path, caps=caps)
            except BudgetError as error:
                refused.append(error)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (counted(tmp_path), len(refused)) == ("2.00", 35)


def test_two_processes_at_once_share_one_cap(tmp_path: Path) -> None:
    """Each run alone may spend 0.79; the day may as well, so that only one of them submits."""
    plan_file(tmp_path)
    with provider() as target:
        children = [
            subprocess.Popen(CHILD, env=environment(tmp_path, target.url, CAP="0.79"), stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        told = [child.communicate(timeout=60)[1] for child in children]
        assert len(target.submits) == 1, told
    assert sorted(child.returncode for child in children) == [3, 3], told
    assert counted(tmp_path) == "0.40"


def test_a_run_that_is_killed_between_send_and_answer_counts_for_the_next_one(tmp_path: Path) -> None:
    child: list[subprocess.Popen[bytes]] = []
    started = threading.Event()

    def kills(peer: Peer) -> None:
        peer.request()
        started.wait(20)
        child[0].kill()
        child[0].wait()

    plan = plan_file(tmp_path)
    with provider(kills) as target:
        child.append(
            subprocess.Popen(CHILD, env=environment(tmp_path, target.url, CAP="0.79"), stderr=subprocess.PIPE)
        )
        started.set()
        child[0].communicate(timeout=60)
        assert child[0].returncode == -9
        assert [entry.outcome for entry in Ledger(tmp_path / "ledger.ndjson").read().open] == ["reserved"]
        end = run(tmp_path, target.url, plan, max_spend="0.79")
        assert (len(target.submits), end.submits) == (1, 0)
    assert "0.40 count as spent today" in dict(end.unseen)["job/sora/submit"]


def test_a_person_settles_what_nobody_knows(tmp_path: Path) -> None:
    from click.testing import CliRunner

    ledger, entry = reserved(tmp_path)
    path = ["--ledger", str(ledger.path)]
    listed = CliRunner().invoke(settle_command, path)
    assert (listed.exit_code, entry.id in listed.stdout, "0.40 USD" in listed.stdout) == (0, True, True)
    unsure = CliRunner().invoke(settle_command, [*path, entry.id])
    assert (unsure.exit_code, "provider's bill" in unsure.stderr) == (2, True)
    assert CliRunner().invoke(settle_command, [*path, entry.id, "--not-charged"]).exit_code == 0
    assert (counted(tmp_path), CliRunner().invoke(settle_command, path).stdout) == ("0", "")
    again = CliRunner().invoke(settle_command, [*path, entry.id, "--charged"])
    assert (again.exit_code, "cannot become" in again.stderr) == (2, True)


def _entry(usd: str, at: datetime, run: str = "other", host: str = "llm.ai-nebula.com") -> Entry:
    return Entry("a", run, "c", Decimal(usd), at, host)


@pytest.mark.parametrize(
    ("entry", "caps", "told"),
    [
        (_entry("0.60", NOON, run="run"), Caps(Decimal(1), Decimal(9)), ""),
        (_entry("0.61", NOON, run="run"), Caps(Decimal(1), Decimal(9)), "--max-spend)"),
        (_entry("0.61", NOON), Caps(Decimal(1), Decimal(9)), ""),
        (_entry("0.61", NOON), Caps(Decimal(1), Decimal(1)), "--max-spend-day"),
        (_entry("0.61", NOON - timedelta(hours=13)), Caps(Decimal(1), Decimal(1)), ""),
        (
            _entry("0.61", NOON - timedelta(hours=13)),
            Caps(Decimal(1), Decimal(1), Decimal(1)),
            "--max-spend-month",
        ),
        (_entry("0.61", NOON - timedelta(days=22)), Caps(Decimal(1), Decimal(1), Decimal(1)), ""),
        (_entry("0.61", NOON + timedelta(days=40)), Caps(Decimal(1), Decimal(1)), "--max-spend-day"),
        (_entry("9.00", NOON, host="127.0.0.1:8383"), Caps(Decimal(1), Decimal(1), Decimal(1)), ""),
        (_entry("9.00", NOON), Caps(), "--max-spend)"),
    ],
)
def test_the_caps_of_a_run_a_day_and_a_month(entry: Entry, caps: Caps, told: str) -> None:
    """A clock that was set back opens nothing: what lies in the future counts."""
    reason = refusal(Decimal("0.40"), caps, Book((entry,)), "run", "llm.ai-nebula.com", NOON)
    assert (told in reason, bool(reason)) == (True, bool(told))


@pytest.mark.parametrize("usd", ["0", "-0.40"])
def test_nothing_is_reserved_for_nothing(usd: str) -> None:
    assert refusal(Decimal(usd), MUCH, Book(), "run", "h", NOON)


def test_a_day_may_spend_what_a_run_may_unless_it_is_told_more(tmp_path: Path) -> None:
    plan = plan_file(tmp_path)
    with provider(query=task("succeeded")) as target:
        for day, month in ((None, None), (None, None), ("0.80", None), ("2", "1")):
            run(tmp_path, target.url, plan, max_spend="0.40", max_spend_day=day, max_spend_month=month)
        assert len(target.submits) == 2


@given(st.decimals(0, 999_999, places=8))
def test_an_amount_is_the_same_after_a_file(amount: Decimal) -> None:
    assert usd_in(usd_text(amount)) == amount


@given(st.integers(0, 500), st.sampled_from(["reserve", "settle", "release"]))
def test_a_last_line_that_was_cut_anywhere_counts_no_less(cut: int, kind: str) -> None:
    """And the ledger can be gone on with."""
    facts = {"run": "r", "case": "c", "host": "h", "account": "a", "plan": "p"}
    first = line_bytes("reserve", NOON, usd="0.40", id="a", **facts)
    last: Callable[[], bytes] = {
        "reserve": lambda: line_bytes("reserve", NOON, usd="0.30", id="b", **facts),
        "settle": lambda: line_bytes("settle", NOON, id="a", outcome="accepted", task_id="t", family="sora"),
        "release": lambda: line_bytes("release", NOON, id="a", outcome="refused"),
    }[kind]
    whole = last()
    book = book_of(first + whole[: min(cut, len(whole))])
    is_whole = cut >= len(whole) - 1
    expected = {"reserve": "0.70", "settle": "0.40", "release": "0"}[kind] if is_whole else "0.40"
    assert book.counted_usd(since=NOON) >= Decimal(expected)
    assert book.counted_usd() in {Decimal(expected), Decimal("0.70")}
