"""Rules of accounts as JSON: in a file for the start, in the admin API while the server runs."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from nebula_mock.core.rules import AccountRules
from nebula_mock.json_files import JsonFileError, read_json_file


def read_accounts(path: Path) -> Mapping[str, AccountRules]:
    """Keys to the rules of their accounts, from a file of the schema ``files/accounts``.

    Raises:
        JsonFileError: The file cannot be used, or names a key twice.
    """
    rules: dict[str, AccountRules] = {}
    for index, entry in enumerate(read_json_file(path, "files/accounts")["accounts"]):
        if entry["key"] in rules:
            place = f"{path}, $.accounts[{index}].key"
            message = f"{place}: found a key that stands above already, expected each key once."
            raise JsonFileError(message)
        rules[entry["key"]] = rules_from({name: value for name, value in entry.items() if name != "key"})
    return rules


def rules_from(value: Mapping[str, Any]) -> AccountRules:
    """The rules that a JSON object valid by ``files/account-rules`` tells."""
    given = {**value, "models": tuple(value.get("models", ()))}
    if given.get("balance_usd") is not None:
        given["balance_usd"] = Decimal(given["balance_usd"])
    return AccountRules(**given)


def rules_as_json(rules: AccountRules) -> dict[str, Any]:
    """The rules as a JSON object valid by ``files/account-rules``; money is decimal text."""
    balance = rules.balance_usd
    return {
        **asdict(rules),
        "models": list(rules.models),
        "balance_usd": None if balance is None else f"{balance:f}",
    }
