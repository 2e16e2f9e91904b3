"""A verdict for people and for machines: terminal, JSON, NDJSON, JUnit, Markdown, GitHub annotations."""
