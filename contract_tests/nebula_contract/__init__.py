"""One contract suite for the mock and for any other provider of the API.

``nebula-contract test --target mock`` runs it for nothing; ``--target URL`` runs the same tests
against a server. Needs the extra ``contract``; the target ``mock`` needs the extra ``mock`` too.
"""

from typing import TYPE_CHECKING

from nebula_schemas.extras import lazy_exports

if TYPE_CHECKING:
    from nebula_contract.judging.findings import Verdict as Verdict
    from nebula_contract.judging.judge import judge as judge
    from nebula_contract.judging.oracle import LifecycleOracle as LifecycleOracle
    from nebula_contract.record.exchange import Exchange as Exchange
    from nebula_contract.sending.run import send_all as send_all
    from nebula_contract.sending.target import Target as Target
    from nebula_contract.sending.target import open_target as open_target
    from nebula_contract.targets import TargetError as TargetError

__all__ = [
    "Exchange",
    "LifecycleOracle",
    "Target",
    "TargetError",
    "Verdict",
    "judge",
    "open_target",
    "send_all",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "Exchange": "record.exchange",
        "LifecycleOracle": "judging.oracle",
        "Target": "sending.target",
        "TargetError": "targets",
        "Verdict": "judging.findings",
        "judge": "judging.judge",
        "open_target": "sending.target",
        "send_all": "sending.run",
    },
    extra="contract",
)
