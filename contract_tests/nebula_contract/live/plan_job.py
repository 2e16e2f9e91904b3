"""One paid task, and everything that it alone can prove: the cases around one submit."""

from dataclasses import replace

from nebula_contract.live.case import RESULT, Case, Poll
from nebula_contract.live.plan_free import DOWNLOAD, GENERATIONS, JSON_TYPE, wrong_key
from nebula_contract.live.price_bound import bound_usd
from nebula_contract.live.words import Words
from nebula_schemas.catalogue import Family

_POLL = Poll(every_s=5, most=240)
_READS_PAST_THE_END = 3


def job_cases(family: Family, body: str, word: Words) -> list[Case]:
    """The cases of one task of a family, in order: the submit first, and nothing else in it is paid."""
    job = _Job(family, word)
    submit = Case(
        name=job.submit,
        group=job.group,
        purpose="submit",
        method="POST",
        path=GENERATIONS,
        credential="own",
        expects=("accepted",),
        price_usd=bound_usd(body.encode()),
        body=body,
        headers=JSON_TYPE,
    )
    return [submit, *job.while_it_runs(), *job.until_its_end(), *job.after_its_end()]


class _Job:
    """The cases about one task."""

    def __init__(self, family: Family, word: Words) -> None:
        self.group = f"job/{family.name}"
        self.submit = f"{self.group}/submit"
        self._is_loaded = family.delivery == "download"
        self._wrong_key = wrong_key(word)
        self._query = Case(
            "", self.group, "", "GET", f"{GENERATIONS}/{{task}}", "own", ("accepted",), task=self.submit
        )
        self._download = replace(self._query, path=f"{DOWNLOAD}?id={{task}}")

    def _read(self, name: str, purpose: str, base: Case | None = None, **changes: object) -> Case:
        values: dict[str, object] = {"name": f"{self.group}/{name}", "purpose": purpose, **changes}
        return replace(base or self._query, **values)  # type: ignore[arg-type]  # field names, checked by the tests

    def _foreign(self, when: str) -> list[Case]:
        """Reads by anybody but its owner."""
        return [
            self._read(f"query-without-key-{when}", "no-key", credential="none", expects=("missing-key",)),
            self._read(
                f"query-with-wrong-key-{when}",
                "wrong-key",
                credential="malformed",
                authorization=self._wrong_key,
                expects=("invalid-key",),
            ),
            self._read(
                f"query-with-second-key-{when}",
                "foreign",
                credential="second",
                expects=("unknown-task",),
                is_optional=True,
            ),
        ]

    def while_it_runs(self) -> list[Case]:
        """What is asked before the first poll."""
        return [
            self._read("query-at-once", "at-once"),
            self._read(
                "early-download", "early-download", self._download, expects=("download-no-file", "accepted")
            ),
            *self._foreign("early"),
            self._read("query-near", "near", path=f"{GENERATIONS}/{{near}}", expects=("unknown-task",)),
        ]

    def until_its_end(self) -> list[Case]:
        """The wait."""
        return [self._read("poll", "poll", poll=_POLL)]

    def after_its_end(self) -> list[Case]:
        """What is asked when it has ended: its answer must not change, and its video must be there again and again."""
        reads = [self._read(f"query-again-{number + 1}", "again") for number in range(_READS_PAST_THE_END)]
        twin = self._read("query-twin", "twin", twin_of=reads[-1].name)
        return [
            *reads,
            twin,
            *(self._downloads() if self._is_loaded else self._results()),
            *self._foreign("late"),
            self._read(
                "download-near",
                "near",
                self._download,
                path=f"{DOWNLOAD}?id={{near}}",
                expects=("download-unknown-task",),
            ),
            self._read("query-last", "again"),
        ]

    def _downloads(self) -> list[Case]:
        return [
            self._read("download", "download", self._download),
            self._read("download-again", "again", self._download),
            self._read(
                "download-head", "head", self._download, method="HEAD", expects=("unknown-route", "accepted")
            ),
            self._read(
                "download-without-key", "no-key", self._download, credential="none", expects=("missing-key",)
            ),
            self._read(
                "download-with-second-key",
                "foreign",
                self._download,
                credential="second",
                expects=("download-unknown-task",),
                is_optional=True,
            ),
        ]

    def _results(self) -> list[Case]:
        result = replace(self._query, path=RESULT, credential="none", expects=("file",))
        return [
            self._read("result", "result", result),
            self._read("result-again", "again", result),
            self._read("result-head", "head", result, method="HEAD"),
            self._read("download", "download", self._download, expects=("download-no-file",)),
        ]
