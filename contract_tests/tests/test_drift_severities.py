"""How bad a rule or verdict is, may be said in a file; a mistake in it is told with what was found and expected."""

from pathlib import Path
from typing import get_args

import pytest

from nebula_contract.drift.observation import Observations
from nebula_contract.drift.promises import kept_again
from nebula_contract.drift.rules import (
    Severities,
    SeverityFileError,
    all_rules,
    read_severities,
    verdict_kinds,
)
from nebula_contract.drift.witnesses import Witnesses
from nebula_contract.judging.findings import Level

CHANGES = {rule.id: rule for rule in all_rules().values() if rule.id.startswith("DR")}
PROMISES = {rule.id: rule for rule in all_rules().values() if not rule.id.startswith("DR")}


def written(folder: Path, text: str) -> Path:
    path = folder / "severity.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("level", [*get_args(Level)])
def test_a_severity_file_speaks_of_rules_checks_and_verdicts(level: Level, tmp_path: Path) -> None:
    said = read_severities(written(tmp_path, f'DR217 = "{level}"\nNC405 = "{level}"\nmock_bug = "{level}"\n'))
    kinds = verdict_kinds()
    assert said.level(CHANGES["DR217"], kinds["provider_changed"]) == level
    assert said.level(PROMISES["NC405"], kinds["contract_gap"]) == level
    assert said.level(CHANGES["DR201"], kinds["mock_bug"]) == level
    assert said.level(CHANGES["DR206"], kinds["provider_changed"]) == CHANGES["DR206"].severity


def test_a_rule_is_said_before_its_verdict_and_both_rows_of_a_verdict_have_one_name(tmp_path: Path) -> None:
    said = read_severities(
        written(tmp_path, 'DR217 = "risky"\nmock_bug = "info"\nprovider_changed = "breaking"\n')
    )
    kinds = verdict_kinds()
    assert said.level(CHANGES["DR217"], kinds["mock_bug"]) == "risky"
    assert said.level(CHANGES["DR218"], kinds["mock_bug"]) == "info"
    assert said.level(CHANGES["DR218"], kinds["provider_changed_followed"]) == "breaking"


def test_none_silences_and_no_file_changes_nothing(tmp_path: Path) -> None:
    silent = read_severities(written(tmp_path, 'DR490 = "none"\nDR601 = "none"\n'))
    before, now = Observations(broken={"NC405 query wan"}), Observations(checks={"NC405": 4})
    witnesses = Witnesses({}, before)
    assert [*kept_again(now, witnesses, silent)] == []
    assert [one.severity for one in kept_again(now, witnesses, read_severities(None))] == ["info"]


def test_without_a_file_the_verdict_counts_where_it_has_a_severity_and_the_rule_else() -> None:
    for kind in verdict_kinds().values():
        for rule in CHANGES.values():
            assert Severities().level(rule, kind) == (kind.severity or rule.severity)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('DR999 = "info"', ("'DR999'", "a rule, a check or a verdict", "nebula-contract explain")),
        ('word-added = "info"', ("'word-added'", "a rule, a check or a verdict", "nebula-contract explain")),
        ('DR217 = "error"', ("DR217", "'error'", "breaking, risky, additive, info, none")),
        ("DR217 = 3", ("DR217", "'3'", "breaking, risky, additive, info, none")),
        ('[DR217]\nlevel = "info"', ("DR217", "{'level'", "breaking, risky, additive, info, none")),
        ("DR217 = info", ("no TOML", 'DR217 = "info"')),
        ('DR217 = "info"\nDR217 = "risky"', ("no TOML", 'DR217 = "info"')),
    ],
)
def test_a_severity_file_with_a_mistake_says_what_was_found_and_expected(
    text: str, told: tuple[str, ...], tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SeverityFileError) as caught:
        read_severities(path)
    assert [part for part in (str(path), *told) if part not in str(caught.value)] == []


def test_a_severity_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'DR217 = "\xe4"')
    for path in (tmp_path / "missing.toml", tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(SeverityFileError, match=str(path)):
            read_severities(path)
