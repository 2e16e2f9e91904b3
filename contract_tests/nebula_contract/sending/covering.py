"""Rows that cover every pair of options: what goes wrong with one model and one size is met by some row."""

import itertools
from collections.abc import Mapping, Sequence
from random import Random

Pair = tuple[tuple[str, int], tuple[str, int]]
"""Two factors, each with the place of one of its options; the names in order."""


def covering_rows(
    factors: Mapping[str, Sequence[object]], seed: int, most: int | None = None
) -> list[dict[str, object]]:
    """Rows of one option each, so that each pair of options of two factors stands in some row.

    Greedy, and the same for the same arguments: each row begins with a pair that is still open and takes for each
    other factor the option that closes most. Early rows close most, so that a prefix covers much too.

    Args:
        factors: Name to options, at least one each.
        seed: Chooses among equals.
        most: How many rows at most; None for as many as it takes.
    """
    random = Random(seed)  # noqa: S311 - which row comes first is no secret
    sizes = {name: len(options) for name, options in factors.items()}
    open_pairs: dict[Pair, None] = dict.fromkeys(
        ((one, i), (other, j))
        for one, other in itertools.combinations(sorted(sizes), 2)
        for i in range(sizes[one])
        for j in range(sizes[other])
    )
    rows: list[dict[str, object]] = []
    while open_pairs and (most is None or len(rows) < most):
        row = _row(open_pairs, sizes, random)
        for pair in itertools.combinations(sorted(row.items()), 2):
            open_pairs.pop(pair, None)
        rows.append({name: factors[name][place] for name, place in row.items()})
    return rows


def _row(open_pairs: Mapping[Pair, None], sizes: Mapping[str, int], random: Random) -> dict[str, int]:
    row = dict(random.choice(list(open_pairs)))
    rest = [name for name in sizes if name not in row]
    random.shuffle(rest)
    for name in rest:
        places = list(range(sizes[name]))
        random.shuffle(places)
        row[name] = max(places, key=lambda place: _closed(open_pairs, row, name, place))
    return row


def _closed(open_pairs: Mapping[Pair, None], row: Mapping[str, int], name: str, place: int) -> int:
    mine = (name, place)
    return sum(
        (((name, place), other) if name < other[0] else (other, mine)) in open_pairs for other in row.items()
    )
