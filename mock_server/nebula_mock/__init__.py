"""A provider of Nebula's video API to develop against, offline: real shapes, real lifecycles, real MP4s.

    with MockServer() as mock:
        client = VideoClient(api_key="sk-test", base_url=mock.url)

The names below need the extra ``mock``; they are loaded when they are first used.
"""

from typing import TYPE_CHECKING

from nebula_schemas.extras import lazy_exports

if TYPE_CHECKING:
    from nebula_mock.core.clock import ManualClock as ManualClock
    from nebula_mock.core.lifecycle import Failure as Failure
    from nebula_mock.core.lifecycle import Plan as Plan
    from nebula_mock.core.normalised import normalised as normalised
    from nebula_mock.core.rules import AccountRules as AccountRules
    from nebula_mock.http.app import create_app as create_app
    from nebula_mock.replay import replay_draw as replay_draw
    from nebula_mock.settings import Settings as Settings
    from nebula_mock.testing import MockServer as MockServer

__all__ = [
    "AccountRules",
    "Failure",
    "ManualClock",
    "MockServer",
    "Plan",
    "Settings",
    "create_app",
    "normalised",
    "replay_draw",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "AccountRules": "core.rules",
        "Failure": "core.lifecycle",
        "ManualClock": "core.clock",
        "MockServer": "testing",
        "Plan": "core.lifecycle",
        "Settings": "settings",
        "create_app": "http.app",
        "normalised": "core.normalised",
        "replay_draw": "replay",
    },
)
