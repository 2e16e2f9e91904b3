"""Where a check looked: each family by itself, as far as the verdict tells."""

from collections.abc import Mapping

from nebula_contract.judging.findings import CheckRun, Verdict


def looks(run: CheckRun, verdict: Verdict) -> Mapping[str, int]:
    """Family to how often the check looked there; empty for what is about none. Empty where it never looked.

    Where the verdict does not tell families apart, those of the findings stand beside all others together.
    """
    told: Mapping[str, int] = getattr(run, "families", {})
    if told:
        return {family: count for family, count in told.items() if count}
    if not run.looked:
        return {}
    broken = {one.family: one.of for one in verdict.findings if one.code == run.code}
    return {"": run.looked, **broken}
