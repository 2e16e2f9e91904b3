"""What the tests of the client's command type."""

import subprocess
from collections.abc import Callable

from click.testing import Result

KEY = "sk-c4n4ry-0f-th3-k3y"
SORA_ID = "video_69095b4ce0048190893a01510c0c98b0"
PICTURE = "https://images.example.com/cat.png"
VEO, T2V, I2V = "veo-3.1-generate-preview", "wan2.5-t2v-preview", "wan2.5-i2v-preview"
LOUD = "doubao-seedance-1-5-pro-251215"
SUBMIT = ("submit", "A cat", "--model", "sora-2")
GENERATE = ("generate", *SUBMIT[1:], "--out", "cat.mp4")

Run = Callable[..., Result]
"""Runs the command in this process."""
Start = Callable[..., "subprocess.Popen[bytes]"]
"""Starts it in one of its own."""
