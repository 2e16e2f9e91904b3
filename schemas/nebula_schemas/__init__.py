"""The contract as data: JSON Schemas, the model catalogue, the error table, and their loader.

Importing this package costs nothing and needs nothing outside the standard library. The catalogue
(``nebula_schemas.catalogue``) stays that way; the names below need ``jsonschema`` and are loaded
when they are first used.
"""

from typing import TYPE_CHECKING

from nebula_schemas.extras import lazy_exports

if TYPE_CHECKING:
    from nebula_schemas.contradicting import Contradiction as Contradiction
    from nebula_schemas.contradicting import contradiction_table as contradiction_table
    from nebula_schemas.loader import Contract as Contract
    from nebula_schemas.loader import contract as contract
    from nebula_schemas.problems import Problem as Problem
    from nebula_schemas.problems import problem_table as problem_table
    from nebula_schemas.violations import SchemaViolationError as SchemaViolationError
    from nebula_schemas.violations import Violation as Violation

__all__ = [
    "Contract",
    "Contradiction",
    "Problem",
    "SchemaViolationError",
    "Violation",
    "contract",
    "contradiction_table",
    "problem_table",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "Contract": "loader",
        "Contradiction": "contradicting",
        "Problem": "problems",
        "SchemaViolationError": "violations",
        "Violation": "violations",
        "contract": "loader",
        "contradiction_table": "contradicting",
        "problem_table": "problems",
    },
)
