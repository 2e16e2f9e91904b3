"""A live run beside the observed state: moved only when told to, and a hiccup is looked at twice before it gates."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from drifting import KEYS, live_run, record_of
from nebula_contract.drift.baseline import read_observed
from nebula_contract.drift.drifted import DriftBounds, drifted
from nebula_contract.live.ended import LiveEnd
from nebula_contract.live.live import REOBSERVED
from nebula_contract.live.options import CannotRunError, run_live
from nebula_contract.live.recording import Started
from nebula_contract.live_record import FileRecording
from nebula_contract.record.exchange import Exchange
from nebula_contract.record.file import read_record
from nebula_mock import MockServer
from nebula_mock.runner import Runner
from nebula_schemas.loader import contract
from spending import OWN, REDUCED, SECOND, options, plan_file
from test_live_record_values import DONE, STARTED


@dataclass
class AsLive(FileRecording):
    """Records a run at the mock as one at the live provider: what answers is nobody's business here."""
