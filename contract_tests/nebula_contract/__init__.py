"""One contract suite for the mock and for any other provider of the API.

``nebula-contract test --target mock`` runs it for nothing; ``--target URL`` runs the same tests
against a server. Needs the extra ``contract``; the target ``mock`` needs the extra ``mock`` too.
"""

from typing import TYPE_CHECKING

from nebula_schemas.extras import lazy_exports

if TYPE_CHECKING:
    from nebula_contract.exchange import Exchange as Exchange
    from nebula_contract.targets import Target as Target
    from nebula_contract.targets import TargetError as TargetError
    from nebula_contract.targets import open_target as open_target

__all__ = ["Exchange", "Target", "TargetError", "open_target"]

__getattr__ = lazy_exports(
    __name__,
    {"Exchange": "exchange", "Target": "targets", "TargetError": "targets", "open_target": "targets"},
    extra="contract",
)
