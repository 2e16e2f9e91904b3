"""The provider's ways to say things: our words to the wire's. The only place with wire field names."""

from nebula_mock.dialects.protocol import DialectWords

__all__ = ["DialectWords"]
