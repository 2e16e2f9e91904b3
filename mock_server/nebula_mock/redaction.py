"""Secrets out of what is shown or kept: an API key is never repeated, not even in an error about it.

One table says which names carry secrets and what a key looks like; errors, logs and the journal all use it.
"""

import functools
import re

HIDDEN = "***"

_LONGEST_HIDDEN_WHOLE = 20  # characters of a secret; of one at least as long the last four are shown
_SHOWN_TAIL = 4

# Whatever looks like a key of the provider, and is not the end of a word such as task-1, up to what ends a word
# in JSON, a header, a query or a sentence.
_KEY = re.compile(r"(?:(?<![a-z0-9])sk-[^\s\"',;&]|sk-[^\s\"',;&]{12})[^\s\"',;&]*", re.IGNORECASE)

# What carries a secret by its name, wherever the name stands: headers, members, query strings, forms.
_NAMES = ("key", "token", "secret", "passw", "signature", "credential", "authorization", "cookie")
_WHOLE_NAMES = frozenset({"sig", "auth", "policy"})

_SCHEME = re.compile(r"(bearer|basic|digest|token|apikey|negotiate)\s+", re.IGNORECASE)

# How a secret name ends in running text; where it begins does not matter, and every repeat has a bound, so
# that no text takes longer than its length.
_NAME = rf"(?:{'|'.join(_NAMES)}|\bsig|\bauth)[\w.$-]{{0,64}}"
_NAME_STARTS = ("key", "token", "secret", "passw", "sig", "credential", "auth", "cookie")

# In running text, in the order in which they are hidden: the words, in lower case, one of which is there
# wherever the pattern matches, and the pattern; its first group stays.
_IN_TEXT: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (words, re.compile(pattern, re.IGNORECASE))
    for words, pattern in (
        (("://",), r"(://)[^\s/?#@\"']+(?=@)"),  # userinfo of a URL
        (("bearer",), r"(\bbearer\s{1,8})[^\s\"',;&<>\\]{12,}"),
        (("basic",), r"(\bbasic\s{1,8})[A-Za-z0-9+/=]{16,}"),
        # A member of JSON, one that is cut too; a field of a form; a parameter of a query or a signed URL; a header.
        (_NAME_STARTS, rf"({_NAME}\"\s{{0,8}}:\s{{0,8}}\")(?:[^\"\\]|\\.)*"),
        (_NAME_STARTS, rf"({_NAME}\"[^\r\n]{{0,200}}\r?\n(?:[^\r\n]{{1,200}}\r?\n){{0,4}}\r?\n)[^\r\n]+"),
        (_NAME_STARTS, rf"({_NAME}=)[^&\s\"'#;]+"),
        (_NAME_STARTS, rf"({_NAME}:[ \t]{{1,8}})(?:(?:bearer|basic)\s{{1,8}})?[^\s\"',;]+"),
        (
            ("/results/",),
            r"(/results/)[0-9a-z]{16,}(?=[0-9a-z]{4}/)",
        ),  # what nobody can guess of a result URL
        # Keys of other services, which land in prompts and headers by accident.
        (("aiza",), r"()AIza[0-9A-Z_-]{20,}"),
        (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"()gh[pousr]_[0-9A-Z]{20,}"),
        (("akia", "asia", "ltai"), r"()(?:AKIA|ASIA|LTAI)[0-9A-Z]{12,}"),
        (("xox",), r"()xox[a-z]-[0-9A-Z-]{10,}"),
        (("eyj",), r"()eyJ[\w-]{8,512}\.[\w-]{8,}(?:\.[\w-]*)?"),
    )
)
_WORDS = ("sk-", *dict.fromkeys(word for words, _ in _IN_TEXT for word in words))


def redacted(text: str) -> str:
    """``text`` with every API key in it hidden; the prefix stays, so that a reader sees what was there."""
    return _KEY.sub(f"sk-{HIDDEN}", text)


@functools.lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether what goes by that name is hidden, whatever it is: ``Authorization``, ``api_key``, ``X-Goog-Signature``."""
    lower = name.lower()
    return lower in _WHOLE_NAMES or any(part in lower for part in _NAMES)


def hidden(secret: str) -> str:
    """What is shown of a secret: its scheme, and its last 4 characters where it has at least 20."""
    scheme = _SCHEME.match(secret)
    shown = "" if scheme is None else f"{scheme[1]} "
    bare = secret if scheme is None else secret[scheme.end() :]
    tail = bare[-_SHOWN_TAIL:] if len(bare) >= _LONGEST_HIDDEN_WHOLE else ""
    return f"{shown}{HIDDEN}{tail}"


def may_tell(text: str) -> bool:
    """Whether anything in ``text`` may be a secret: a quick look, which most texts end here."""
    lower = text.lower()
    for word in _WORDS:  # noqa: SIM110 - a generator takes twice as long, and every request pays for it
        if word in lower:
            return True
    return False


def redacted_text(text: str) -> str:
    """``text`` with everything hidden that is a secret by its form, or by the name it stands behind."""
    if not may_tell(text):
        return text
    text = redacted(text)
    lower = text.lower()
    for words, pattern in _IN_TEXT:
        if any(word in lower for word in words):
            text = pattern.sub(_behind_its_name, text)
    return text


def _behind_its_name(found: re.Match[str]) -> str:
    return f"{found[1]}{HIDDEN}"
