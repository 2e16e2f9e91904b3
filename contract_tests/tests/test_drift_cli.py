"""``nebula-contract drift``, ``accept`` and ``prune``: what is wrong is one sentence, and nothing is written."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nebula_contract.cli import main
from nebula_contract.drift.accepted import read_accepted, write_accepted
from nebula_contract.drift.baseline import observed_from_record, write_observed
from nebula_contract.live.options import run_live
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import RecordWriter, read_record
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_mock import MockServer
from nebula_schemas import contract
from spending import OWN, REDUCED, SECOND, Kept, options, plan_file

KEYS = {"NEBULA_API_KEY": OWN, "NEBULA_SECOND_API_KEY": SECOND, "NEBULA_REDUCED_API_KEY": REDUCED}
TODAY = datetime.now(UTC)
HEADER = RunHeader(
    "0.1.0", "http://127.0.0.1:1", "live", TODAY.isoformat(timespec="seconds").replace("+00:00", "Z"), profile="live",
    plan="sha256:1",
)  # fmt: skip
END = RunEnd(HEADER.started_at, "complete", 0)


@dataclass(frozen=True)
class Kit:
    """A folder as a project has it.

    Attributes:
        run: A record of a provider that changed.
        plain: A record of the same provider before.
        observed: What was observed of it before.
        accepted: Where acceptances stand; nothing yet.
    """

    run: Path
    plain: Path
    observed: Path
    accepted: Path

    @property
    def files(self) -> tuple[str, ...]:
        """The options that name them."""
        return ("--baseline", str(self.observed), "--accepted", str(self.accepted))


def recorded(path: Path, every: Sequence[Exchange]) -> Path:
    """The exchanges as a record of a live run."""
    with RecordWriter(path, HEADER) as writer:
        for one in every:
            writer.add(one)
        writer.end(replace(END, exchanges=len(every)))
    return path


def changed(every: Sequence[Exchange]) -> list[Exchange]:
    """The provider a day later: tasks of Wan that are queried have a seed and no URL."""

    def later(one: Exchange) -> Exchange:
        body = one.json
        is_wan = one.operation == "query" and "/wan/" in one.case and isinstance(body, dict) and "url" in body
        if one.answer is None or not is_wan:
            return one
        other = {**{name: value for name, value in body.items() if name != "url"}, "seed": 7}
        return replace(one, answer=replace(one.answer, body=replace(one.answer.body, json=other)))

    return [later(one) for one in every]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """Both records, of a rehearsal at a mock that is told as live."""
    folder = tmp_path_factory.mktemp("drift")
    kept = Kept()
    with MockServer(clock="manual", keys=(OWN, SECOND, REDUCED)) as mock:
        plan = plan_file(folder, families=(), probes_rejections=True)
        run_live(options(folder, mock.url, plan, max_spend="20", max_spend_day="50"), kept, KEYS)
    plain = recorded(folder / "plain.ndjson", kept.exchanges)
    run = recorded(folder / "run.ndjson", changed(kept.exchanges))
    observed = folder / "observed.json"
    write_observed(observed, observed_from_record(read_record(plain)))
    return Kit(run, plain, observed, folder / "accepted.json")


@pytest.fixture
def kit(made: Kit, tmp_path: Path) -> Kit:
    """The same with acceptances of its own."""
    write_accepted(tmp_path / "accepted.json", [])
    return replace(made, accepted=tmp_path / "accepted.json")


def run(*arguments: object, cwd: Path | None = None) -> Result:
    """The command, in this process."""
    here = Path.cwd()
    os.chdir(cwd or here)
    try:
        return CliRunner(env={"NEBULA_API_KEY": None}).invoke(main, [str(one) for one in arguments])
    finally:
        os.chdir(here)


def found_in(kit: Kit, *more: str) -> list[dict[str, str]]:
    """The findings of the record, the worst first."""
    done = run("drift", kit.run, *kit.files, "--format", "json", *more)
    document = json.loads(done.stdout)
    assert contract().violations("files/drift-report", document) == ()
    found: list[dict[str, str]] = document["findings"]
    return found


def test_a_provider_that_did_not_change_is_told_so(kit: Kit) -> None:
    done = run("drift", kit.plain, *kit.files, "--inconclusive-ok")
    assert (done.exit_code, "No change." in done.stdout, done.stderr) == (0, True, ""), done.output
    assert read_accepted(kit.accepted) == ()


def test_a_change_is_found_accepted_and_dropped_when_it_is_no_longer_so(kit: Kit) -> None:
    breaking = [one for one in found_in(kit) if one["severity"] == "breaking"]
    assert {(one["rule"], one["family"], one["location"]) for one in breaking} >= {("DR201", "wan", "/url")}
    assert run("drift", kit.run, *kit.files).exit_code == 1
    done = run("accept", kit.run, *(one["id"] for one in breaking), "--reason", "known", *kit.files)
    assert (done.exit_code, done.stdout.count("accepted until")) == (0, len(breaking)), done.output
    assert {one.id for one in read_accepted(kit.accepted)} == {one["id"] for one in breaking}
    assert run("drift", kit.run, *kit.files, "--inconclusive-ok").exit_code == 0
    assert run("prune", kit.run, *kit.files).stdout.endswith(
        f"0 acceptances dropped, {len(breaking)} kept.\n"
    )
    blind = ("--accepted", str(kit.accepted))
    done = run("prune", kit.run, *blind, cwd=kit.accepted.parent)
    assert (done.exit_code, "Nothing was dropped" in done.stderr) == (2, True)
    assert len(read_accepted(kit.accepted)) == len(breaking)
    assert run("prune", kit.run, *blind, "--without-baseline", cwd=kit.accepted.parent).exit_code == 0
    assert len(read_accepted(kit.accepted)) == len(breaking)  # the mock and the documents say otherwise too
    done = run("prune", kit.plain, *kit.files)
    assert done.stdout.count("no longer so, dropped (known)") == len(breaking), done.output
    assert read_accepted(kit.accepted) == ()


def test_an_acceptance_that_takes_the_place_of_another_says_so(kit: Kit) -> None:
    first = found_in(kit)[0]["id"]
    done = run("accept", kit.run, first, "--reason", "known", "--owner", "api", *kit.files)
    assert "in place of" not in done.stdout
    until = read_accepted(kit.accepted)[0].expires
    done = run("accept", kit.run, first, "--reason", "known better", *kit.files)
    assert f", in place of the acceptance of api until {until} (known)." in done.stdout
    assert [one.reason for one in read_accepted(kit.accepted)] == ["known better"]


def test_a_prune_that_cannot_write_says_that_nothing_was_dropped(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("accept", kit.run, found_in(kit)[0]["id"], "--reason", "known", *kit.files)
    before = kit.accepted.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run("prune", kit.plain, *kit.files)
    assert f"Error: --accepted: {kit.accepted}: cannot be written (No space left on device)" in done.stderr
    assert done.stderr.endswith("Nothing was dropped.\n")
    assert (done.exit_code, kit.accepted.read_bytes()) == (2, before)


def test_no_key_of_an_answer_is_printed_or_written_by_an_acceptance(kit: Kit) -> None:
    key = "sk-canary0123456789"
    loud = kit.accepted.with_name("loud.ndjson")
    loud.write_text(kit.run.read_text("utf-8").replace('"seed"', f'"{key}"'), "utf-8")
    ids = [one["id"] for one in found_in(replace(kit, run=loud))]
    accepting = run("accept", loud, *ids, "--reason", "known", *kit.files)
    assert (accepting.exit_code, "[hidden]" in accepting.stdout) == (0, True), accepting.output
    assert "[hidden]" in kit.accepted.read_text("utf-8")
    after = found_in(replace(kit, run=loud))
    assert {one["standing"] for one in after} == {"accepted"}
    pruning = run("prune", kit.plain, *kit.files)
    assert pruning.stdout.count("no longer so, dropped") == len(ids)
    told = accepting.output + pruning.output + kit.accepted.read_text("utf-8")
    assert "sk-canary" not in told


def test_an_id_may_be_short_and_in_capitals(kit: Kit) -> None:
    first = found_in(kit)[0]["id"]
    done = run("accept", kit.run, first[:8].upper(), "--reason", "known", *kit.files)
    assert (done.exit_code, [one.id for one in read_accepted(kit.accepted)]) == (0, [first]), done.output


Wrong = Callable[[Kit], tuple[list[object], str]]
"""A command with a mistake, and what is said of it."""


def accept_of(word: str | None = None, *more: str) -> Callable[[Kit], list[object]]:
    """An acceptance of the first change, or of a word."""
    return lambda kit: [
        "accept",
        kit.run,
        word or found_in(kit)[0]["id"],
        "--reason",
        "known",
        *more,
        *kit.files,
    ]


def headless(kit: Kit) -> Path:
    """The record of before without its first line."""
    path = kit.run.with_name("headless.ndjson")
    if not path.exists():
        path.write_text("".join(kit.plain.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    return path


PAST = (TODAY.date() - timedelta(2)).isoformat()
FAR = (TODAY.date() + timedelta(400)).isoformat()

WRONG: dict[str, Wrong] = {
    "drift without a record": lambda _: (["drift"], "Missing argument 'RUN'"),
    "accept without a record": lambda _: (["accept", "--reason", "known"], "Missing argument 'RUN'"),
    "accept without an id": lambda kit: (["accept", kit.run, "--reason", "known"], "Missing argument 'ID...'"),
    "accept without a reason": lambda kit: (["accept", kit.run, "1" * 12], "Missing option '--reason'"),
    "prune without a record": lambda _: (["prune"], "Missing argument 'RUN'"),
    "drift of no file": lambda kit: (["drift", kit.run.with_name("none"), *kit.files], "none"),
    "accept of no file": lambda kit: (["accept", kit.run.with_name("none"), "abcd", "--reason", "a", *kit.files], "none"),
    "prune of no file": lambda kit: (["prune", kit.run.with_name("none"), *kit.files], "none"),
    "drift of another file": lambda kit: (["drift", kit.observed, *kit.files], "observed.json"),
    "an unknown id": lambda kit: (accept_of("0123456789ab")(kit), "ID: found '0123456789ab', expected the id of a change"),
    "a short id": lambda kit: (accept_of("abc")(kit), "found 'abc', expected the id of a change of this record"),
    "no id": lambda kit: (accept_of(" ")(kit), "found ' ', expected the id of a change of this record"),
    "no reason": lambda kit: (
        ["accept", kit.run, found_in(kit)[0]["id"], "--reason", " ", *kit.files], "--reason: found no reason, expected a sentence",
    ),
    "no day": lambda kit: (accept_of("abcd", "--expires", "soon")(kit), "found 'soon', expected a day such as 2027-01-31"),
    "a day that is none": lambda kit: (accept_of("abcd", "--expires", "2027-02-30")(kit), "found '2027-02-30', expected a day"),
    "a day without dashes": lambda kit: (accept_of("abcd", "--expires", "20261201")(kit), "found '20261201', expected a day"),
    "a day of a week": lambda kit: (accept_of("abcd", "--expires", "2026-W50-1")(kit), "found '2026-W50-1', expected a day"),
    "a day that is past": lambda kit: (accept_of(None, "--expires", PAST)(kit), f"found {PAST}, expected a day from today on"),
    "a day that is far": lambda kit: (accept_of(None, "--expires", FAR)(kit), f"found {FAR}, expected a day from today on"),
    "a reason with a key": lambda kit: (
        ["accept", kit.run, found_in(kit)[0]["id"], "--reason", "sk-canary01", *kit.files], "--reason: found a key",
    ),
    "a record without its head": lambda kit: (
        ["drift", kit.run, "--baseline", headless(kit), "--accepted", kit.accepted],
        "--baseline: " + f"{headless(kit)}: found neither a record, which begins with a line about its run, nor observations",
    ),
    "too mild": lambda kit: (accept_of(None, "--max-severity", "info")(kit), "found info, expected breaking or worse"),
    "no severity": lambda kit: (accept_of("abcd", "--max-severity", "none")(kit), "'none' is not one of 'breaking'"),
    "no baseline": lambda kit: (
        ["drift", kit.run, "--baseline", kit.run.with_name("none.json"), "--accepted", kit.accepted],
        f"--baseline: {kit.run.with_name('none.json')}: is not there. Name a file of observations, or another record",
    ),
    "a baseline that is none": lambda kit: (
        ["drift", kit.run, "--baseline", kit.run.parent, "--accepted", kit.accepted], "cannot be read (found a directory, expected a file)",
    ),
    "acceptances that are not there": lambda kit: (
        ["drift", kit.run, "--accepted", kit.run.with_name("typo.json")], "typo.json: is not there. Name a file of acceptances",
    ),
    "acceptances to prune that are not there": lambda kit: (
        ["prune", kit.run, "--accepted", kit.run.with_name("typo.json")], "typo.json: is not there. Name a file of acceptances",
    ),
    "severities that are not there": lambda kit: (
        ["drift", kit.run, *kit.files, "--severity", kit.run.with_name("none.toml")],
        f"--severity: {kit.run.with_name('none.toml')}: cannot be read",
    ),
    "a report in no folder": lambda kit: (
        ["drift", kit.run, *kit.files, "--report", f"json={kit.accepted.parent / 'none/report.json'}"],
        "report.json: a report cannot be written there (No such file or directory)",
    ),
    "a report that is a folder": lambda kit: (
        ["drift", kit.run, *kit.files, "--report", f"json={kit.accepted.parent}"], "a report cannot be written there",
    ),
    "a report of no format": lambda kit: (
        ["drift", kit.run, *kit.files, "--report", f"pdf={kit.accepted}"], "expected FORMAT=FILE with one of text, json",
    ),
    "a good report and one in no folder": lambda kit: (
        ["drift", kit.run, *kit.files, "--report", f"json={kit.accepted.parent / 'a'}", "--report", "json=none/b"],
        "b: a report cannot be written there (No such file or directory)",
    ),
    "no format": lambda kit: (["drift", kit.run, *kit.files, "--format", "pdf"], "'pdf' is not one of 'text', 'json'"),
    "no level": lambda kit: (["drift", kit.run, *kit.files, "--fail-on", "worst"], "'worst' is not one of 'none', 'info'"),
    "no age": lambda kit: (["drift", kit.run, *kit.files, "--max-age-days", "-1"], "-1 is not in the range"),
    "an unknown rule": lambda _: (["explain", "DR999"], "found 'DR999', expected the code or name of a check or rule"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_in_a_sentence_and_nothing_is_written(name: str, kit: Kit) -> None:
    arguments, told = WRONG[name](kit)
    before = {path: path.stat().st_mtime_ns for path in kit.run.parent.iterdir()}
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: ")  # the rest is the usage
    assert [*kit.accepted.parent.iterdir()] == [kit.accepted]
    assert read_accepted(kit.accepted) == ()
    assert {path: path.stat().st_mtime_ns for path in kit.run.parent.iterdir()} == before


def test_no_report_is_begun_where_the_record_cannot_be_compared(kit: Kit) -> None:
    report = kit.accepted.parent / "report.json"
    missing = kit.run.with_name("none.json")
    done = run("drift", kit.run, "--baseline", missing, "--report", f"json={report}")
    assert (done.exit_code, report.exists()) == (2, False)
    report.write_text("of before", "utf-8")
    run("drift", kit.run, "--baseline", missing, "--report", f"json={report}")
    assert report.read_text("utf-8") == "of before"


def test_an_id_that_begins_several_is_none_and_they_are_listed(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids that begin alike are rare: here all of them do."""
    from nebula_contract.drift import finding

    plain = finding.drift_id
    monkeypatch.setattr(finding, "drift_id", lambda *parts: f"abcd{plain(*parts)[4:]}")
    listed = [one["id"] for one in found_in(kit)]
    done = run("accept", kit.run, "abcd", "--reason", "known", *kit.files)
    assert (done.exit_code, len(listed) > 1) == (2, True)
    assert (
        f"found 'abcd', expected the id of a change of this record: {', '.join(listed[:8])}." in done.stderr
    )
    assert read_accepted(kit.accepted) == ()


@pytest.mark.parametrize("command", ["accept", "drift", "prune"])
def test_acceptances_that_are_damaged_are_left_as_they_are(command: str, kit: Kit) -> None:
    more = [found_in(kit)[0]["id"], "--reason", "a"]
    kit.accepted.write_text('{"format": 1}', "utf-8")
    done = run(command, kit.run, *(more if command == "accept" else ()), *kit.files)
    assert (done.exit_code, kit.accepted.read_text("utf-8")) == (2, '{"format": 1}')
    assert f"{kit.accepted}, " in done.stderr
    assert "Mend it, or take back the version that was committed." in done.stderr


def test_what_only_reads_moves_no_file(kit: Kit) -> None:
    """Not even a date of one; the usual places are those of the folder that the command is called in."""
    folder = kit.accepted.parent / "contract"
    folder.mkdir()
    (folder / "observed.json").write_bytes(kit.observed.read_bytes())
    first = found_in(kit)[0]["id"]
    usual = replace(kit, accepted=folder / "accepted.json")
    assert run("accept", kit.run, first, "--reason", "known", *usual.files).exit_code == 0

    def state() -> dict[Path, tuple[bytes, int, int]]:
        those = [path for path in kit.accepted.parent.rglob("*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) for path in those}

    before = state()
    for command in ("drift", "judge"):
        done = run(command, kit.run, cwd=kit.accepted.parent)
        assert done.exit_code in {0, 1, 3}, done.output
    assert run("prune", kit.run, cwd=kit.accepted.parent).exit_code == 0  # still so: nothing to drop
    assert run("explain", "DR201", cwd=kit.accepted.parent).exit_code == 0
    assert state() == before
    told = json.loads(run("drift", kit.run, "--format", "json", cwd=kit.accepted.parent).stdout)
    assert {one["id"] for one in told["findings"] if one["standing"] == "accepted"} == {first}


def test_severities_are_read_and_what_is_silenced_is_not_told(kit: Kit) -> None:
    severity = kit.accepted.parent / "severity.toml"
    severity.write_text('DR201 = "none"\nDR202 = "breaking"\n', "utf-8")
    plain, said = found_in(kit), found_in(kit, "--severity", str(severity))
    assert {"DR201", "DR202"} <= {one["rule"] for one in plain}
    assert "DR201" not in {one["rule"] for one in said}
    assert {one["severity"] for one in said if one["rule"] == "DR202"} == {"breaking"}


def test_a_record_may_be_the_baseline(kit: Kit) -> None:
    by_record = replace(kit, observed=kit.plain)
    assert [one["id"] for one in found_in(by_record)] == [one["id"] for one in found_in(kit)]
