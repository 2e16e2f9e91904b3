"""What is kept of a request and its answer, without its secrets: headers, query strings, JSON, text.

Besides what looks like a secret, a redactor hides the secrets it was told: the keys that the server was
started with, and the one that the request itself carries.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from nebula_mock.redaction import HIDDEN, hidden, is_secret_name, may_tell, redacted_text

_SHORTEST_KNOWN = 6  # characters; a shorter one is part of too many words


@dataclass(frozen=True, slots=True)
class Redactor:
    """Hides secrets.

    Attributes:
        known: Secrets that are hidden wherever they stand, whatever they look like.
    """

    known: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def knowing(cls, secrets: Iterable[str]) -> "Redactor":
        """One that hides these too, the longest first; very short ones are left out."""
        usable = {secret for secret in secrets if len(secret) >= _SHORTEST_KNOWN}
        return cls(tuple(sorted(usable, key=len, reverse=True)))

    def of_request(self, authorization: str | None) -> "Redactor":
        """This one, and what the Authorization header carries."""
        key = (authorization or "").strip().rpartition(" ")[2]
        if len(key) < _SHORTEST_KNOWN or key in self.known:
            return self
        return Redactor.knowing((*self.known, key)) if self.known else Redactor((key,))

    def may_tell(self, text: str) -> bool:
        """Whether anything in ``text`` may have to be hidden: a quick look for many texts at once."""
        for secret in self.known:
            if secret in text:
                return True
        return may_tell(text)

    def text(self, text: str) -> str:
        """Running text."""
        for secret in self.known:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return redacted_text(text)

    def texts(self, *texts: str) -> tuple[str, ...]:
        """Several short texts, for the price of one where none of them tells anything."""
        return tuple(map(self.text, texts)) if self.may_tell("\n".join(texts)) else texts

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers, hidden by their names or by what they look like."""
        shown, plain = [], []
        for name, value in headers:
            if is_secret_name(name):
                shown.append((name, hidden(value)))
            else:
                shown.append((name, value))
                plain.append(value)
        if self.may_tell("\n".join(plain)):
            return tuple([(name, self._header(name, value)) for name, value in shown])
        return tuple(shown)

    def _header(self, name: str, value: str) -> str:
        """The value of one header that is no secret by its name."""
        return value if is_secret_name(name) else self.text(value)

    def query(self, query: str) -> str:
        """A query string, hidden by the names of its parameters or by their values, decoded."""
        return "&".join(map(self._parameter, query.split("&"))) if query else ""

    def _parameter(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        plain_name, plain = unquote_plus(name), unquote_plus(value)
        if equals and is_secret_name(plain_name):
            return f"{self._encoded(name, plain_name)}={hidden(plain)}"
        return f"{self._encoded(name, plain_name)}{equals}{self._encoded(value, plain)}"

    def _encoded(self, given: str, plain: str) -> str:
        """As given, but for what has to be hidden."""
        shown = self.text(plain)
        return given if shown == plain else quote_plus(shown, safe="*:/@")

    def value(self, value: Any) -> Any:
        """A JSON value: whatever stands under a secret name, and every text in it.

        Raises:
            RecursionError: It is nested too deeply.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self._member(name, inner) for name, inner in value.items()}
        return [self.value(one) for one in value] if isinstance(value, list) else value

    def _member(self, name: str, value: Any) -> Any:
        if not is_secret_name(name) or value is None or isinstance(value, bool):
            return self.value(value)
        return hidden(value) if isinstance(value, str) else HIDDEN
