"""Made-up words of a plan: they depend on its seed and on what they are for, and on nothing else."""

import base64
import hashlib
import re

from nebula_schemas.catalogue import Family

_PROMPTS = (
    "A red paper boat drifts across a still pond at dawn",
    "A grey cat looks out of a window at falling snow",
    "Steam rises from a cup of tea on a wooden table",
    "A lighthouse turns its lamp over a calm sea",
)

_SLOT = re.compile(r"\{([a-z0-9]+)(?::([0-9]+))?\}")


class Words:
    """The made-up words of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def hex(self, purpose: str, length: int = 32) -> str:
        """That many hex digits, at most 64."""
        return hashlib.sha256(f"{self._seed} {purpose}".encode()).hexdigest()[:length]

    def number(self, purpose: str, below: int) -> int:
        """A number from 0, below that one."""
        return int(self.hex(purpose, 16), 16) % below

    def prompt(self, purpose: str) -> str:
        """A harmless prompt."""
        return _PROMPTS[self.number(f"prompt {purpose}", len(_PROMPTS))]

    def task_id(self, family: Family) -> str:
        """An id of the family's form that no task has."""
        digits = self.hex(f"id {family.name}", 64)
        uuid = f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:30]}"
        plain = {"uuid4": uuid, "date": "20010101", "model": family.models[0].id}

        def filled(slot: re.Match[str]) -> str:
            return plain.get(slot[1]) or digits[: int(slot[2])]

        text = _SLOT.sub(filled, family.task_id.template)
        if family.task_id.encoding is None:
            return text
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
