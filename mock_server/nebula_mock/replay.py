"""Draws made again: a line of the journal and the seed are enough."""

import json
from collections.abc import Mapping
from typing import Any

from nebula_mock.core.draws import DrawNote, Draws, replayed


def replay_draw(line: str | bytes | Mapping[str, Any], seed: int) -> tuple[DrawNote, ...]:
    """The draws of an exchange, made again with the seed of its server.

    Args:
        line: A line of the journal's file, or an entry of ``GET /_mock/journal``.
        seed: As in ``--seed``.

    Returns:
        What the entry tells, in the same order; equal, where the seed is the one it was made with, but for
        the draw ``result``, whose value the journal hides.

    Raises:
        ValueError: It is no such line.
    """
    try:
        entry = line if isinstance(line, Mapping) else json.loads(line)
        notes = [DrawNote(**one) for one in entry["draws"]]
    except (TypeError, KeyError) as error:
        message = "found something else, expected a line of a journal, with its draws"
        raise ValueError(message) from error
    draws = Draws.of_seed(seed)
    return tuple(replayed(draws, note) for note in notes)
