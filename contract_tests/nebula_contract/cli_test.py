"""``nebula-contract test`` and ``judge``: a run or a record to reports and an exit code."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from nebula_contract.cli import EPILOG
from nebula_contract.judged import Bounds, judged
from nebula_contract.freshness import FreshnessError
from nebula_contract.options import PATH, CannotRunError, Wanted, is_coloured, judging_options, wanted
from nebula_contract.progress import Progress
from nebula_contract.record.file import RecordError, read_record
from nebula_contract.record.lines import RecordError as _RecordError
from nebula_contract.reports.formats import FORMATS, ReportError, write_report
from nebula_contract.reports.report import Report
from nebula_contract.reports.summary import UNUSABLE
from nebula_contract.reports.terminal import terminal
from nebula_contract.running import Watch, run_to_file
from nebula_contract.sending.profiles import DEFAULT_PROFILE, PROFILES
from nebula_contract.targets import TargetError
