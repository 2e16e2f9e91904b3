"""``nebula-contract explain`` of the rules of drift and of its verdicts: by id, by name, and as a list."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nebula_contract.cli import main
from nebula_contract.drift.explained import drift_rules
from nebula_contract.drift.rules import VERDICT_NAMES, Rule, verdict_kinds


def run(*arguments: object, cwd: Path | None = None) -> Result:
    """The command, in this process."""
    here = Path.cwd()
    os.chdir(cwd or here)
    try:
        return CliRunner(env={"NEBULA_API_KEY": None}).invoke(main, [str(one) for one in arguments])
    finally:
        os.chdir(here)


@pytest.mark.parametrize("rule", drift_rules(), ids=lambda rule: rule.id)
def test_every_rule_is_explained_by_id_and_by_name(rule: Rule) -> None:
    done = run("explain", rule.id.lower())
    plain = " ".join(done.stdout.split())
    assert done.exit_code == 0
    for part in (
        rule.id,
        rule.name,
        rule.severity,
        rule.what,
        rule.remedy,
        rule.mirror or rule.without_mirror,
    ):
        if part != rule.id or rule.mirror != rule.id:
            assert part in plain
    assert run("explain", rule.name).stdout == done.stdout
    facts = json.loads(run("explain", rule.id, "--json").stdout)
    assert (facts["code"], facts["mirror"], facts["level"]) == (rule.id, rule.mirror, rule.severity)


def test_the_list_has_every_rule_and_check() -> None:
    listed = [one["code"] for one in json.loads(run("explain", "--json").stdout)]
    rules = [rule.id for rule in drift_rules()]
    assert listed[-len(rules) :] == rules
    assert len(listed) == len(set(listed))
    lines = run("explain").stdout
    assert [code for code in listed if f"  {code}  " not in lines] == []


@pytest.mark.parametrize("name", VERDICT_NAMES)
def test_every_verdict_is_listed_and_explained_by_each_form_of_its_name(name: str) -> None:
    told = VERDICT_NAMES[name]
    rows = [kind for kind in verdict_kinds().values() if kind.name == name]
    forms = {name, name.replace("_", " "), name.replace("_", "-"), told, told.title()}
    outputs = {run("explain", form).stdout for form in forms}
    (only,) = outputs
    plain = " ".join(only.split())
    assert plain.startswith(f"{name} {told} ")
    assert rows
    for kind in rows:
        assert [part for part in (kind.what, f"{kind.who} to act", kind.remedy) if part not in plain] == []
    document = json.loads(run("explain", name, "--json").stdout)
    assert (document["verdict"], document["name"]) == (name, told)
    assert [row["level"] for row in document["rows"]] == [kind.severity for kind in rows]
    assert f"  {name:<16}  {told}\n" in run("explain").stdout
