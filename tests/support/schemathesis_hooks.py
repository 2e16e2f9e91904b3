"""What schemathesis does not send: the one thing that JSON Schema cannot tell apart and the provider does."""

from typing import Any

import schemathesis

_EXACT = 2**53  # beyond, a float is no exact integer and is written with an exponent


@schemathesis.hook
def before_call(_context: Any, case: schemathesis.Case[Any], _kwargs: dict[str, Any]) -> None:
    """Write a whole number as one: 5, not 5.0.

    To JSON Schema both are the integer 5. The provider reads a field of type int and refuses 5.0 (SRC).
    """
    case.body = whole(case.body)


def whole(value: Any) -> Any:
    """``value`` with every float that is a whole number as an int, at any depth."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, list):
        return [whole(one) for one in value]
    return {name: whole(one) for name, one in value.items()} if isinstance(value, dict) else value
