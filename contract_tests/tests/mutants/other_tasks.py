"""Lies that give the result of another task: as long, as large and of the same family, so that nothing else tells."""

import base64
from collections.abc import Callable
from typing import Any

from nebula_contract.mutating.lies import family, json_lie, on, state
from nebula_contract.mutating.mutant import Ask, Lie, Mutant, Told, When

HEAD = "data:video/mp4;base64,"


def _first_download(when: When) -> Lie:
    """The first video of that length in place of each later one; ids stay right."""
    kept: dict[int, bytes] = {}

    def change(body: dict[str, Any]) -> None:
        raw = base64.b64decode(body["base64"])
        raw = kept.setdefault(len(raw), raw)
        text = base64.b64encode(raw).decode()
        body.update(size=len(raw), base64=text, data_url=HEAD + text)

    return json_lie(on("download", when=when), change)


def _first_file(when: Callable[[Ask], bool]) -> Lie:
    """The same of the files behind URLs."""
    kept: dict[tuple[str, int], bytes] = {}

    def lie(ask: Ask, told: Told) -> None:
        if ask.operation == "result" and ask.method == "GET" and told.status == 200 and when(ask):
            told.body = kept.setdefault((ask.family, len(told.body)), told.body)

    return lie


def _one_file_for_all_samples() -> Lie:
    kept: dict[str, bytes] = {}

    def lie(ask: Ask, told: Told) -> None:
        if ask.operation == "result" and ask.method == "GET" and told.status == 200:
            told.body = kept.setdefault(ask.path.split("/")[2], told.body)

    return lie


def _first_url(name: str) -> Lie:
    """The result of the family's first ended task in every later answer, in metadata too."""
    kept: list[str] = []

    def change(body: dict[str, Any]) -> None:
        if isinstance(body.get("url"), str):
            kept.append(body["url"])
            body["url"] = kept[0]
            for inner in ("output", "content"):
                at = body["metadata"].get(inner)
                if isinstance(at, dict) and "video_url" in at:
                    at["video_url"] = kept[0]
            response = body["metadata"].get("response")
            if isinstance(response, dict):
                response["videos"][0]["url"] = kept[0]

    return json_lie(on("query", when=lambda a, t: family(name)(a, t) and state("succeeded")(a, t)), change)


def _first_data_uri() -> Lie:
    kept: list[str] = []

    def change(body: dict[str, Any]) -> None:
        uris = body.get("url")
        listed = uris if isinstance(uris, list) else [uris]
        if isinstance(listed[0], str) and listed[0].startswith(HEAD):
            kept.append(listed[0])
            body["url"] = [kept[0], *listed[1:]] if isinstance(uris, list) else kept[0]

    return json_lie(on("query", when=family("veo")), change)


def _always(_ask: Ask, _told: Told) -> bool:
    return True


MUTANTS = [
    Mutant("downloads give another task's video of the same length", ("NC512",), _first_download(_always)),
    Mutant("every second task's download is another's", ("NC512",), _first_download(lambda a, _t: int(a.task_id[-1], 16) % 2 == 0)),
    Mutant("URLs give another task's file of the same length", ("NC512",), _first_file(lambda _a: True)),
    Mutant("URLs of Wan give another task's file", ("NC512",), _first_file(lambda a: a.environ["PATH_INFO"].split("/")[2][0] in "01234567")),
    Mutant("every URL of a task gives its first file", ("NC512",), _one_file_for_all_samples()),
    Mutant("data URIs are another task's video", ("NC512",), _first_data_uri()),
    *(Mutant(f"{name} shows the URL of another task", ("NC608",), _first_url(name)) for name in ("veo", "wan", "seedance")),
]  # fmt: skip
