"""A drift report as one HTML page: no request, no script; light and dark, narrow and wide, on paper too.

Its style stands in it and is let in by its digest, everything else is forbidden by its own policy: a text of a target
that came through as markup could load and run nothing.
"""

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files

from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.page.bands import bands
from nebula_contract.drift.reporting.page.elements import Markup, code, element, joined
from nebula_contract.drift.reporting.page.findings import findings
from nebula_contract.drift.reporting.page.parity import parity
from nebula_contract.drift.reporting.page.timelines import timelines
from nebula_contract.drift.reporting.words import against, age_of, ending_line, findings_line, unseen_lines
from nebula_contract.reports.frame import spent_told
from nebula_contract.reports.shown import count_of, shown
from nebula_contract.reports.summary import BROKEN, HELD, INCONCLUSIVE, INTERRUPTED, QUARANTINE

_VERDICTS = {
    HELD: ("good", "Nothing to act on"),
    BROKEN: ("bad", "Drift"),
    INCONCLUSIVE: ("unsure", "Inconclusive"),
    QUARANTINE: ("unsure", "Not all could be classified"),
    INTERRUPTED: ("unsure", "Interrupted"),
}
_SECTIONS = {
    "findings": "Changes",
    "parity": "Parity",
    "timelines": "Status timelines",
    "bands": "Timing",
    "unseen": "Not looked at",
    "run": "The run",
}


def page(report: DriftReport) -> str:
    """The document, with a line end."""
    style = files(__package__ or "").joinpath("style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", f"Drift: {_verdict(report)[1]}, {shown(report.header.target)}"),
        element("style", Markup(style)),
    )
    return f"<!doctype html>\n{element('html', head, _body(report), lang='en')}\n"


def _verdict(report: DriftReport) -> tuple[str, str]:
    return _VERDICTS.get(report.ending.code, ("unsure", f"Exit code {report.ending.code}"))


def _body(report: DriftReport) -> Markup:
    parts = {
        "findings": findings(report),
        "parity": parity(report),
        "timelines": timelines(report),
        "bands": bands(report),
        "unseen": _unseen(report),
        "run": _run(report),
    }
    links = [
        element("li", element("a", title, href=f"#{name}"))
        for name, title in _SECTIONS.items()
        if parts[name]
    ]
    return element(
        "body",
        element("a", "Skip to the changes", href="#findings", class_="skip"),
        element(
            "header",
            _headline(report),
            element("nav", element("ul", *links), aria_label="Parts of the report"),
        ),
        element(
            "main",
            *(
                element("section", element("h2", title, id=f"{name}-title"), parts[name], id=name)
                for name, title in _SECTIONS.items()
                if parts[name]
            ),
        ),
        element(
            "footer",
            element("p", f"Made by nebula-contract {shown(report.header.tool)} on {shown(report.today)}."),
        ),
    )


def _headline(report: DriftReport) -> Markup:
    kind, verdict = _verdict(report)
    reasons = [element("li", shown(reason)) for reason in report.ending.reasons]
    return element(
        "div",
        element("h1", element("span", "Drift report", class_="over"), verdict),
        element("p", findings_line(report), class_="lead"),
        element("ul", *reasons) if reasons else "",
        element(
            "p", f"Exit code {report.ending.code}; fails on {report.ending.fail_on}. ", _compared(report)
        ),
        class_=f"headline {kind}",
    )


def _compared(report: DriftReport) -> Markup:
    target = code(shown(report.header.target))
    return joined(target, f" ({report.header.kind}), {age_of(report)}, {against(report)}.")


def _unseen(report: DriftReport) -> Markup:
    lines = list(unseen_lines(report))
    if not lines:
        return element(
            "p", "All that the run had to look at, and all that is known of before, was looked at."
        )
    note = element("p", "These are no passes: nothing is known of them today.", class_="note")
    return joined(note, element("ul", *(element("li", line) for line in lines), class_="lines"))


def _run(report: DriftReport) -> Markup:
    return element(
        "dl",
        *(
            element("div", element("dt", label), element("dd", code(shown(value))))
            for label, value in _facts(report)
            if value
        ),
        class_="facts",
    )


def _facts(report: DriftReport) -> Iterator[tuple[str, str]]:
    header, end = report.header, report.end
    yield "target", f"{header.target} ({header.kind})"
    yield "started", header.started_at
    yield "ended", f"{end.ended_at} ({end.stop})" if end else "not known"
    yield "exchanges", count_of(report.exchanges, "exchange")
    spent = spent_told(header, end)
    yield "money", f"{spent}, of at most ${header.cap_usd}" if spent and header.cap_usd else spent
    yield "profile", header.profile
    yield "plan", header.plan
    yield "seed", "" if header.seed is None else str(header.seed)
    yield "record", report.record
    yield "ending", ending_line(report)
