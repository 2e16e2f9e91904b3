"""The provider's ways to say things: our words to the wire's. The only place with wire field names."""

from nebula_mock.dialects.protocol import VIDEO_MARK, DialectWords, JsonObject

__all__ = ["VIDEO_MARK", "DialectWords", "JsonObject"]
