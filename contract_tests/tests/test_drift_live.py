"""A live run beside the observed state: moved only when told to, and a hiccup is looked at twice before it gates."""

from dataclasses import dataclass

from nebula_contract.live_record import FileRecording


@dataclass
class AsLive(FileRecording):
    """Records a run at the mock as one at the live provider: what answers is nobody's business here."""
