"""The provider's ways to say things: our words to the wire's. The only place with wire field names."""

from nebula_mock.dialects.protocol import DATA_URI_HEAD, DialectWords, JsonObject, video_mark

__all__ = ["DATA_URI_HEAD", "DialectWords", "JsonObject", "video_mark"]
