"""The API key: where it comes from, and that it shows itself nowhere."""

import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nebula_client.errors import ConfigurationError

_log = logging.getLogger("nebula_client")

KEY_VARIABLE = "NEBULA_API_KEY"
FILE_VARIABLE = "NEBULA_API_KEY_FILE"

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LARGEST_FILE = 4096  # bytes; a key has some dozens
_LEAST_MASKED = 4  # characters; a shorter text is no secret, and masking it would riddle every answer
_LEAST_BEGINNING = 8  # characters of a key whose rest was cut off that are hidden as well
_MASK = "***"


class ApiKey:
    """An API key that does not show itself in logs, reprs, pickles or tracebacks."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        """Keep it. One line break at its end, which ``$(cat file)`` and editors leave, is taken off with a warning.

        Raises:
            ConfigurationError: It is empty or holds what no header can carry.
        """
        bare = secret.removesuffix("\n").removesuffix("\r")
        if not bare or not bare.isascii() or not bare.isprintable() or " " in bare:
            message = (
                f"The API key of {len(secret)} characters is empty or holds spaces, control or non-ASCII characters. "
                f"Pass api_key or set {KEY_VARIABLE} to the text the provider gave you, such as sk-..."
            )
            raise ConfigurationError(message)
        if bare != secret:
            _log.warning("the API key ends with a line break, which was taken off")
        self._secret = bare

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._secret

    def masked(self, text: str) -> str:
        """``text`` with ``***`` wherever the key stands in it; some providers quote it in a refusal."""
        return text if len(self._secret) < _LEAST_MASKED else text.replace(self._secret, _MASK)

    def masked_members(self, value: Any) -> Any:
        """A JSON value with ``***`` wherever the key stands in a text of it, escaped or not."""
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, dict):
            return {self.masked(name): self.masked_members(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.masked_members(inner) for inner in value]
        return value

    def mask_error(self, error: BaseException) -> None:
        """Take the key out of an error and of those it came from, also where only its beginning is quoted."""
        seen: set[int] = set()
        one: BaseException | None = error
        while one is not None and id(one) not in seen:
            seen.add(id(one))
            one.args = tuple(self._masked_fact(fact) for fact in one.args)
            for name, fact in list(vars(one).items()):
                vars(one)[name] = self._masked_fact(fact)
            one = one.__cause__ or one.__context__

    def _masked_fact(self, fact: Any) -> Any:
        if isinstance(fact, str):
            masked = self.masked(fact)
            for length in range(len(self._secret) - 1, _LEAST_BEGINNING - 1, -1):
                masked = masked.replace(self._secret[:length], _MASK)
            return masked
        if isinstance(fact, tuple | list):
            return type(fact)(self._masked_fact(inner) for inner in fact)
        if isinstance(fact, dict):
            return {name: self._masked_fact(inner) for name, inner in fact.items()}
        return fact

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def __reduce__(self) -> str:
        message = "an API key is never pickled"
        raise TypeError(message)


def found_key(
    given: str | None, file: str | Path | None, environment: Mapping[str, str] = os.environ
) -> ApiKey:
    """The key as given; else of ``file``; else of NEBULA_API_KEY; else of the file NEBULA_API_KEY_FILE.

    Raises:
        ConfigurationError: There is none, two were given, it cannot be read, others may read its file, or no
            header can carry it.
    """
    if given is not None and file is not None:
        message = "Found both api_key and api_key_file, expected one of them."
        raise ConfigurationError(message)
    if given is not None:
        return ApiKey(given)
    if file is not None:
        return ApiKey(_secret_in(Path(file)))
    if (secret := environment.get(KEY_VARIABLE)) is not None:
        return ApiKey(secret)
    if named := environment.get(FILE_VARIABLE):
        return ApiKey(_secret_in(Path(named)))
    message = f"There is no API key: pass api_key or api_key_file, or set {KEY_VARIABLE} or {FILE_VARIABLE}."
    raise ConfigurationError(message)


def _secret_in(path: Path) -> str:
    """The text of a key file that nobody else may read."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"Cannot read the key file {path}: {reason}. Nothing was sent."
        raise ConfigurationError(message) from error
    if stat.S_ISREG(mode) and mode & _OTHERS:
        found = f"{stat.S_IMODE(mode):o}"
        message = f"The key file {path} has mode {found}, so others may use the key; expected 600. Run chmod 600 on it."
        raise ConfigurationError(message)
    if len(raw) > _LARGEST_FILE:
        message = f"The key file {path} has more than {_LARGEST_FILE} bytes, expected one key."
        raise ConfigurationError(message)
    # A file's own line break is no slip, so it is no warning either; what is no ASCII the key itself refuses.
    return raw.decode("ascii", "replace").removesuffix("\n").removesuffix("\r")
