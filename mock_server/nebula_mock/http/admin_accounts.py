"""Rules of accounts over the admin API: who may do what, seen and changed while the server runs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from nebula_mock.account_files import rules_as_json, rules_from
from nebula_mock.core.account import account_of, can_be_sent
from nebula_mock.core.rules import AccountRules
from nebula_mock.http.admin_blueprint import admin_answer, admin_blueprint
from nebula_mock.http.admin_bodies import admin_object, bad_request
from nebula_mock.provider import Provider
from nebula_mock.settings import Settings, unreadable

_RULES = "files/account-rules"


def admin_accounts(provider: Provider, settings: Settings) -> Blueprint:
    """The routes of ``/_mock/accounts``; ``?account=KEY`` says whose."""
    desk = _Desk(provider, settings)
    return admin_blueprint(
        "admin_accounts",
        ("GET", "/accounts", desk.see),
        ("PUT", "/accounts", desk.replace),
        ("PATCH", "/accounts", desk.change),
        ("DELETE", "/accounts", desk.forget),
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the rules of accounts are seen and changed; one method a verb."""

    provider: Provider
    settings: Settings

    def see(self) -> Response:
        """One account, or all that have rules of their own."""
        if "account" in request.args:
            return self._shown(account_of(_key()))
        named = [_told(self.provider, account) for account in sorted(self.provider.rulebook.named)]
        return admin_answer({"accounts": named})

    def replace(self) -> Response:
        """These rules and no others."""
        return self._changed(admin_object(request, _RULES))

    def change(self) -> Response:
        """The rules in force, with these members changed."""
        before = rules_as_json(self.provider.rulebook.of(account_of(_key())))
        return self._changed({**before, **admin_object(request, _RULES)})

    def forget(self) -> Response:
        """Everyone's rules again."""
        account = account_of(_key())
        self.provider.set_rules(account, None)
        return self._shown(account)

    def _changed(self, rules: dict[str, Any]) -> Response:
        made, whose = rules_from(rules), _key()
        reason = unreadable(whose, made.dialect or self.provider.dialect, self.settings.keys)
        if reason is not None:
            raise bad_request(f"account: {reason}")
        self.provider.set_rules(account_of(whose), made)
        return self._shown(account_of(whose))

    def _shown(self, account: str) -> Response:
        return admin_answer(_told(self.provider, account))


def _key() -> str:
    given = request.args.get("account", "")
    if not can_be_sent(given):
        raise bad_request("account: found no key that can be sent, expected ?account=KEY, such as sk-test")
    return given


def _told(provider: Provider, account: str) -> dict[str, Any]:
    """An account, known by its digest, with its rules and what is left of its balance."""
    rules = provider.rulebook.of(account)
    spent = provider.bill(account).charged_usd
    return {
        "account": account,
        "dialect_in_force": provider.dialect_of(account),
        "rules": rules_as_json(rules),
        "spent_usd": f"{spent:f}",
        "left_usd": _left(provider.rules_of(account), spent),
    }


def _left(rules: AccountRules, spent: Decimal) -> str | None:
    return None if rules.balance_usd is None else f"{rules.balance_usd - spent:f}"
