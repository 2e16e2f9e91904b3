"""What the mock says, in each dialect: kept as data, made by ``scripts/mock_witness.py`` and tested to be of today.

So a record is compared with the mock in no time, and without the mock's own dependencies.
"""

import functools
import json
from collections.abc import Mapping
from importlib.resources import files

from nebula_contract.drift.document import observed_of
from nebula_contract.drift.observation import Observations
from nebula_schemas.catalogue import DIALECTS, Dialect

FOLDER = "mock"


@functools.cache
def mock_witness() -> Mapping[Dialect, Observations]:
    """The observations of a run at the mock, by dialect."""
    folder = files("nebula_contract.drift").joinpath(FOLDER)
    return {
        dialect: observed_of(json.loads(folder.joinpath(f"{dialect}.json").read_text("utf-8"))).seen
        for dialect in DIALECTS
    }
