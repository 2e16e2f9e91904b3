"""The cases that cost nothing, and those that cost nothing as long as the provider refuses what it must refuse."""

import json
from collections.abc import Sequence
from dataclasses import replace

from nebula_contract.live.bodies import cheapest_body
from nebula_contract.live.case import KNOWN, Case
from nebula_contract.live.price_bound import bound_usd
from nebula_contract.live.words import Words
from nebula_contract.record.exchange import EARLIER
from nebula_schemas.catalogue import Family

GENERATIONS = "/v1/video/generations"
DOWNLOAD = f"{GENERATIONS}/download"
JSON_TYPE = {"content-type": "application/json"}
_CUT_JSON = '{"model":'


def wrong_key(word: Words) -> str:
    """An ``Authorization`` that names no account: without the ``sk-`` of keys, so that nobody takes it for one."""
    return f"Bearer madeup{word.hex('wrong key', 40)}"


def free_cases(families: Sequence[Family], word: Words) -> list[Case]:
    """What costs nothing: every submit among them has no key or a wrong one, and a bad body besides."""
    return [
        *(_two_defects(group, body, word) for group, body in _bad_bodies(families, word)),
        *_free_reads(families, word),
    ]


def rejection_cases(families: Sequence[Family], word: Words) -> list[Case]:
    """The same classes with one defect each; where the key is good each reserves what it costs if it is accepted."""
    good = cheapest_body(families[0], word.prompt("rejections"))
    return [
        _submit("rejections/no-key/one-defect", "no-key", good, ("missing-key",), "none"),
        replace(
            _submit("rejections/wrong-key/one-defect", "wrong-key", good, ("invalid-key",), "malformed"),
            authorization=wrong_key(word),
        ),
        *(
            _submit(f"rejections/{group}/one-defect", group, body, (_row(group, families),), "own")
            for group, body in _bad_bodies(families, word)
            if group not in {"no-key", "wrong-key"}
        ),
    ]


def _row(group: str, families: Sequence[Family]) -> str:
    """The row of the error table that a class of bad bodies meets."""
    by_class = {f"missing-prompt-{family.name}": family.problems["no_prompt"] for family in families}
    return by_class.get(group, group)


def _bad_bodies(families: Sequence[Family], word: Words) -> list[tuple[str, str]]:
    """Each class of refused submits, with a body that is refused whoever sends it."""
    unknown = json.dumps(
        {"model": f"no-such-model-{word.hex('model', 12)}", "prompt": word.prompt("rejections")}
    )
    missing = json.dumps({"prompt": word.prompt("rejections")})
    return [
        ("no-key", missing),
        ("wrong-key", "[]"),
        ("malformed-json", _CUT_JSON),
        ("missing-model", missing),
        ("unknown-model", unknown),
        *(
            (f"missing-prompt-{family.name}", _without_prompt(family))
            for family in families
            if _needs_a_prompt(family)
        ),
    ]


def _needs_a_prompt(family: Family) -> bool:
    """Whether both dialects refuse a body without one; elsewhere the gateway puts in a prompt of its own (SRC)."""
    return family.prompt_at == "prompt"


def _without_prompt(family: Family) -> str:
    body = json.loads(cheapest_body(family, "x"))
    return json.dumps({name: value for name, value in body.items() if name != "prompt"})


def _two_defects(group: str, body: str, word: Words) -> Case:
    name = f"free/{group}/two-defects"
    if group == "no-key":
        return _submit(name, group, body, ("missing-key",), "none")
    return replace(_submit(name, group, body, ("invalid-key",), "malformed"), authorization=wrong_key(word))


def _submit(name: str, group: str, body: str, expects: tuple[str, ...], credential: str) -> Case:
    case = Case(name, group, "rejected", "POST", GENERATIONS, "own", expects, body=body, headers=JSON_TYPE)
    if credential == "own":
        return replace(case, price_usd=bound_usd(body.encode()))
    return replace(case, credential="none" if credential == "none" else "malformed")


def _free_reads(families: Sequence[Family], word: Words) -> list[Case]:
    ids = {family.name: word.task_id(family) for family in families}
    first = next(iter(ids.values()))
    wrong = wrong_key(word)
    return [
        Case("free/query-without-key", "reads", "no-key", "GET", f"{GENERATIONS}/{first}", "none", ("missing-key",)),
        Case(
            "free/query-with-wrong-key", "reads", "wrong-key", "GET", f"{GENERATIONS}/{first}", "malformed",
            ("invalid-key",), authorization=wrong,
        ),
        Case("free/download-without-key", "reads", "no-key", "GET", f"{DOWNLOAD}?id={first}", "none", ("missing-key",)),
        *(
            Case(
                f"free/unknown-id/{name}", "reads", "unknown", "GET", f"{GENERATIONS}/{one}", "own", ("unknown-task",)
            )
            for name, one in ids.items()
        ),
        Case(
            "free/unknown-id/other-form", "reads", "unknown", "GET", f"{GENERATIONS}/nosuchtask", "own", ("unknown-task",)
        ),
        Case("free/download-without-id", "reads", "no-id", "GET", DOWNLOAD, "own", ("download-without-id",)),
        Case(
            "free/download-unknown-id", "reads", "unknown", "GET", f"{DOWNLOAD}?id={first}", "own",
            ("download-unknown-task",),
        ),
        Case("free/wrong-method", "reads", "route", "DELETE", GENERATIONS, "own", ("unknown-route",)),
        Case("free/unknown-path", "reads", "route", "GET", "/v1/video/generation", "own", ("unknown-route",)),
        Case(
            "free/second-key", "reads", "unknown", "GET", f"{GENERATIONS}/{first}", "second", ("unknown-task",),
            is_optional=True,
        ),
    ]  # fmt: skip


def known_cases(families: Sequence[Family]) -> list[Case]:
    """Reads of the youngest task of each family that an earlier run paid for, where there is one."""
    return [case for family in families for case in _known(family)]


def _known(family: Family) -> list[Case]:
    at, task, group = f"{EARLIER}/{family.name}", f"{KNOWN}{family.name}", f"{EARLIER}/{family.name}"
    read = Case(
        f"{at}/query",
        group,
        "again",
        "GET",
        f"{GENERATIONS}/{{task}}",
        "own",
        ("accepted",),
        task=task,
        is_optional=True,
    )
    download = replace(
        read, name=f"{at}/download", purpose="download", path=f"{DOWNLOAD}?id={{task}}",
        expects=("accepted",) if family.delivery == "download" else ("download-no-file",),
    )  # fmt: skip
    return [
        read,
        replace(
            read,
            name=f"{at}/query-without-key",
            purpose="no-key",
            credential="none",
            expects=("missing-key",),
        ),
        replace(
            read,
            name=f"{at}/query-with-second-key",
            purpose="foreign",
            credential="second",
            expects=("unknown-task",),
        ),
        download,
    ]
