"""The drift report's page in a real browser: it reads well at any width and in the dark, and asks nobody for anything."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browser import CHROMIUM, REASON, console_of, run_in_page
from drifts import FINDINGS, LIFE, PLAIN, drift_report, finding
from nebula_contract.drift.finding import Place
from nebula_contract.drift.report import DriftReport
from nebula_contract.drift.reporting.page.page import page
from verdicts import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=REASON)]

_DARK = ("--blink-settings=preferredColorScheme=0",)
_TEXT = " ".join(HOSTILE)
_WIDE = "w" * 250
_HOSTILE = tuple(
    finding(
        "DR301" if number % 2 else "DR407",
        place=Place("query", text, "ok", text, f"/{text}"),
        key=f"{number}",
        now=text,
        baseline=text,
        docs=text,
        mock=text,
    )
    for number, text in enumerate([*HOSTILE, _TEXT, _WIDE])
)
HARMFUL = replace(
    drift_report(*_HOSTILE, *FINDINGS, accepted=FINDINGS[3:]),
    lives={"wan": LIFE, _TEXT: LIFE, _WIDE: LIFE},
    unverified={text: text for text in (*HOSTILE, _WIDE)},
    record=_WIDE,
)

_OPENED = """
const opened = (text, width) => new Promise(resolve => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.onload = () => resolve(frame);
  frame.srcdoc = text;
  document.body.append(frame);
});
const luminance = colour => {
  const [r, g, b] = colour.map(one => one / 255).map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const parsed = colour => colour.match(/[\\d.]+/g).map(Number);
const contrast = (one, other) => {
  const [light, dark] = [luminance(one.slice(0, 3)), luminance(other.slice(0, 3))].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
"""

_LOOKED_AT = """
const {text, width} = %s;
const frame = await opened(text, width);
const view = frame.contentWindow, doc = frame.contentDocument;
for (const one of doc.querySelectorAll("details")) one.open = true;
const behind = element => {
  for (let one = element; one; one = one.parentElement) {
    const colour = parsed(view.getComputedStyle(one).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
};
const faint = [];
for (const one of doc.body.querySelectorAll("*")) {
  const said = [...one.childNodes].some(child => child.nodeType === 3 && child.data.trim());
  if (!said || !one.checkVisibility()) continue;
  const style = view.getComputedStyle(one);
  let back = behind(one), fore = parsed(style.color);
  if (one.namespaceURI.endsWith("svg")) {
    fore = parsed(style.fill);
    const shape = one.parentElement.querySelector(one.classList.contains("beyond") ? ".range.mock" : "rect");
    back = parsed(view.getComputedStyle(shape).fill);
  }
  if (contrast(fore, back) < 4.5) faint.push([one.tagName, one.className.baseVal ?? one.className, one.textContent.slice(0, 30)]);
}
return {
  wide: doc.documentElement.scrollWidth - doc.documentElement.clientWidth,
  asked: view.performance.getEntriesByType("resource").map(one => one.name),
  scripts: doc.querySelectorAll("script, img, iframe, link, object").length,
  ran: typeof view.pwned + typeof view.alerted,
  findings: [...doc.querySelectorAll("article")].filter(one => one.checkVisibility()).map(one => one.id),
  background: view.getComputedStyle(doc.body).backgroundColor,
  styled: view.getComputedStyle(doc.body).maxWidth,
  pictures: [...doc.querySelectorAll("svg.bar, svg.trace, svg.band")].map(one => [one.getBoundingClientRect().width, one.getAttribute("aria-label") || ""]),
  unnamed: [...doc.querySelectorAll("table")].filter(one => !one.caption).length,
  focusable: [...doc.querySelectorAll(".scrolled, pre")].every(one => one.tabIndex === 0),
  jumps: [...doc.querySelectorAll("h1, h2, h3, h4")].map(one => Number(one.tagName[1])).filter((level, at, all) => at && level > all[at - 1] + 1).length,
  faint,
};
"""


def _looked_at(report: DriftReport, width: int, flags: tuple[str, ...] = ()) -> Any:
    told = json.dumps({"text": page(report), "width": width}).replace("<", "\\u003c")
    return run_in_page(_OPENED + _LOOKED_AT % told, flags)


@pytest.mark.parametrize("flags", [(), _DARK], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_reads_well(width: int, flags: tuple[str, ...]) -> None:
    """No scrolling sideways, enough contrast for every text, pictures with words, headings in order; no request."""
    seen = _looked_at(HARMFUL, width, flags)
    assert seen["wide"] <= 0
    assert seen["faint"] == []
    assert seen["findings"] == [one.id for one in sorted(HARMFUL.findings, key=_order)]
    assert (seen["asked"], seen["scripts"], seen["ran"]) == ([], 0, "undefinedundefined")
    assert seen["styled"] != "none"
    assert (seen["background"] == "rgb(13, 17, 23)") == (flags == _DARK)
    assert [one for one in seen["pictures"] if one[0] < 50 or not one[1]] == []
    assert (seen["unnamed"], seen["focusable"], seen["jumps"]) == (0, True, 0)


def _order(one: Any) -> tuple[bool, bool, int]:
    """As the page has them: what fails the run, the others by severity, the accepted ones."""
    levels = ("breaking", "risky", "additive", "info")
    accepted = HARMFUL.stand(one).standing == "accepted"
    return (accepted, one.id not in HARMFUL.gating, 0 if accepted else levels.index(one.severity))


def test_boxes_hide_changes_of_a_severity() -> None:
    told = json.dumps(page(PLAIN)).replace("<", "\\u003c")
    script = f"""{_OPENED}
    const doc = (await opened({told}, 800)).contentDocument;
    for (const one of doc.querySelectorAll("details")) one.open = true;
    const shown = () => [...doc.querySelectorAll("article")].filter(one => one.checkVisibility()).map(one => one.id);
    const before = shown();
    doc.querySelector("#show-breaking").click();
    return [before, shown()];
    """
    before, after = run_in_page(script)
    assert before == [FINDINGS[number].id for number in (0, 1, 2, 3)]
    assert after == [FINDINGS[number].id for number in (1, 2)]


@pytest.mark.parametrize("report", [PLAIN, HARMFUL], ids=["plain", "harmful"])
def test_nothing_is_written_to_the_console(report: DriftReport, tmp_path: Path) -> None:
    """No error, and nothing that the page's own policy had to forbid."""
    file = tmp_path / "drift.html"
    file.write_text(page(report), "utf-8")
    assert console_of(file) == []


def test_the_console_would_tell_what_the_policy_forbids(tmp_path: Path) -> None:
    file = tmp_path / "drift.html"
    file.write_text(page(PLAIN).replace("</main>", "<script>alerted = 1</script></main>"), "utf-8")
    assert any("Content Security Policy" in line for line in console_of(file))
