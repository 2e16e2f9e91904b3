"""Makes what the mock says as a witness: ``contract_tests/nebula_contract/drift/mock/*.json``.

A few runs in each dialect; how often a thing was seen is left out, since it only matters whether the mock ever says it.
"""

from collections import Counter
from pathlib import Path

from nebula_contract.drift.document import Observed, document_of
from nebula_contract.drift.observation import CellSeen, LifeSeen, Observations
from nebula_contract.drift.observing.observe import observed
from nebula_contract.judging.judge import judge_run
from nebula_contract.judging.reading import read_run
from nebula_contract.reviewed import text_of
from nebula_contract.sending.profiles import PROFILES
from nebula_contract.sending.run import send_all
from nebula_contract.sending.target import open_target
from nebula_schemas.catalogue import DIALECTS, Dialect

FOLDER = Path(__file__).parents[1] / "contract_tests/nebula_contract/drift/mock"
SEEDS = (0, 1, 2, 3, 4, 5)


def said_by_mock(dialect: Dialect, seed: int, profile: str = "smoke") -> Observations:
    """What one run at the mock shows."""
    with open_target("mock", dialect=dialect) as target:
        recorder = send_all(target, PROFILES[profile], seed)
    run = read_run(recorder.exchanges, is_mock=True)
    return observed(run, judge_run(run, is_live=False))


def witness_of(dialect: Dialect) -> Observations:
    """What several runs show together, each thing once."""
    whole = Observations()
    for seed in SEEDS:
        seen = said_by_mock(dialect, seed)
        for key, cell in seen.cells.items():
            whole.cell(key).merge(cell)
        for family, life in seen.lives.items():
            mine = whole.lives.setdefault(family, LifeSeen())
            mine.tasks += life.tasks
            mine.traces |= life.traces
            mine.last |= life.last
            for what, span in life.spans.items():
                if not what.startswith("answer "):
                    mine.spans[what] = span.merged(mine.spans.get(what))
        for family, requests in seen.requests.items():
            whole.requests.setdefault(family, requests).accepted |= requests.accepted
        for matter, sides in seen.variants.items():
            whole.variants[matter] = whole.variants.get(matter, Counter()) | sides
    return _plain(whole)


def _plain(seen: Observations) -> Observations:
    """The same without counts, which another version of what draws inputs would change."""
    cells = {
        key: CellSeen(1, {trait: Counter(dict.fromkeys(values, 1)) for trait, values in cell.traits.items()})
        for key, cell in seen.cells.items()
    }
    for life in seen.lives.values():
        life.traces = Counter(dict.fromkeys(life.traces, 1))
        life.last = Counter(dict.fromkeys(life.last, 1))
    for requests in seen.requests.values():
        requests.accepted = Counter(dict.fromkeys(requests.accepted, 1))
    seen.variants = {matter: Counter(dict.fromkeys(sides, 1)) for matter, sides in seen.variants.items()}
    return Observations(cells, seen.lives, seen.requests, {}, set(), seen.variants)


def main() -> None:
    """Write both files."""
    FOLDER.mkdir(exist_ok=True)
    for dialect in DIALECTS:
        (FOLDER / f"{dialect}.json").write_text(text_of(document_of(Observed(witness_of(dialect)))), "utf-8")


if __name__ == "__main__":
    main()
