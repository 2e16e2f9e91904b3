"""Verdicts for tests of reports: a plain one, and any at all with texts that mean harm."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from exchanges import answered, exchanges, submitted
from nebula_contract.judging.findings import LEVELS, Cell, CheckRun, Finding, Variant, Verdict, finding_id
from nebula_contract.judging.registry import Check
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.run import RunEnd, RunHeader
from nebula_contract.reports.report import Report
from nebula_contract.reports.summary import FAIL_ON, ending_of

CANARY = "sk-canary0123456789abcdef"
HEADER = RunHeader("0.1.0", "mock", "mock", "2026-01-05T08:00:00Z", "documented", 7, "quick", "6.170.0")
END = RunEnd("2026-01-05T08:01:00Z", "complete", 2, notes=("time passed on the wall",))
HOSTILE = (
    "\x1b[2J\x1b]0;title\x07",
    "\n::error title=all held::\n::set-output name=x::y",
    "\r\n##[error]broken",
    "</failure></testcase><testcase name='ok'/>]]>&amp;<!--",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "| a | b |\n| --- | --- |\n```\n# Held\n",
    "`` ` ``` @octocat [x](javascript:alert(1)) #1",
    "\u202egpj.exe\u2066\u200f\u2028\u0085",
    "'; rm -rf ~ #\"$(id)`id`",
    "\ud800 \udfff \x00 \ufffe",
    f"Authorization: Bearer {CANARY} https://me:{CANARY}@host.example/x?signature={CANARY}",
    CANARY * 3,
    "%0A%25::",
    "x" * 30_000,
    "",
)


def check(code: str = "NC301", name: str = "status-is-known", **facts: Any) -> Check:
    """A check that is never called."""
    plain = Check(
        code,
        name,
        "risky",
        "A status is one of those that the contract names.",
        "The provider has a new status.",
        "Treat it as one that is not the end.",
        "PAGE",
        "exchange",
        lambda _: None,
    )
    return replace(plain, **facts)


CHECKS = {one.code: one for one in (check(), check("NC401", "end-stays"), check("NC601", "result-plays"))}


def finding(code: str = "NC301", **facts: Any) -> Finding:
    """A finding about Wan's status."""
    plain = Finding(
        finding_id(code, "query", "wan", "paused", "/status", ""),
        code,
        "breaking",
        "query",
        "wan",
        200,
        "paused",
        "/status",
        '"paused"',
        "queued, in_progress, succeeded or failed",
        2,
        40,
        (2, 1),
        "lifecycle/wan/1",
    )
    return replace(plain, **facts)


def verdict(*findings: Finding, **facts: Any) -> Verdict:
    """What a run of two exchanges comes to."""
    broken = {one.code for one in findings}
    runs = tuple(
        CheckRun(code, looked, int(code in broken))
        for code, looked in (("NC301", 40), ("NC401", 3), ("NC601", 0))
    )
    cells = (Cell("query wan succeeded", "a query of a Wan task that succeeded", 3, is_required=True),)
    return replace(
        Verdict(findings, runs, cells, (Variant(4, "the first status", {"queued": 12}),), (), 2), **facts
    )


def report(
    judged: Verdict, shown: Sequence[Exchange] = (submitted(), answered({"status": "paused"})), **facts: Any
) -> Report:
    """The report of a run that kept no record."""
    by_number: Mapping[int, Exchange] = {one.number: one for one in shown}
    return replace(Report(HEADER, judged, by_number, CHECKS, ending_of(judged), END), **facts)


hostile_texts = (
    st.sampled_from(HOSTILE) | st.text(max_size=40) | st.text("\x1b\n\r`|<>&'\"%:,;$@#[]()", max_size=20)
)
_counts = st.integers(0, 10**6)
_codes = st.sampled_from(sorted(CHECKS))
_findings = st.builds(
    Finding,
    id=st.text("0123456789abcdef", min_size=12, max_size=12),
    code=_codes,
    level=st.sampled_from(LEVELS),
    operation=st.sampled_from(["submit", "query", "run"]),
    family=hostile_texts,
    status=st.integers(0, 999),
    state=hostile_texts,
    location=hostile_texts,
    found=hostile_texts,
    expected=hostile_texts,
    seen=st.integers(1, 10**6),
    of=_counts,
    exchanges=st.lists(st.integers(1, 3), max_size=3).map(tuple),
    case=hostile_texts,
)
_cells = st.builds(Cell, hostile_texts, hostile_texts, st.integers(0, 2), st.booleans(), hostile_texts)
_variants = st.builds(Variant, _counts, hostile_texts, st.dictionaries(hostile_texts, _counts, max_size=2))


@st.composite
def hostile_reports(draw: st.DrawFn) -> Report:
    """A report in which every text that may come from a target is any text at all."""
    found = draw(st.lists(_findings, max_size=3))
    judged = Verdict(
        tuple(sorted(found, key=lambda one: -LEVELS.index(one.level))),
        tuple(CheckRun(code, draw(_counts), draw(st.integers(0, 1))) for code in sorted(CHECKS)),
        tuple(draw(st.lists(_cells, max_size=2))),
        tuple(draw(st.lists(_variants, max_size=2))),
        tuple(draw(st.lists(hostile_texts, max_size=2))),
        draw(_counts),
    )
    shown = [replace(draw(exchanges()), number=number) for number in (1, 2, 3)]
    notes = tuple(draw(st.lists(hostile_texts, max_size=1)))
    header = replace(HEADER, target=draw(hostile_texts), dialect=draw(hostile_texts))
    ending = ending_of(judged, fail_on=draw(st.sampled_from(FAIL_ON)), partial=draw(hostile_texts))
    return Report(
        header,
        judged,
        {one.number: one for one in shown},
        CHECKS,
        ending,
        replace(END, notes=notes),
        "",
        "run.ndjson",
    )
