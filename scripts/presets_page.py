"""The reference page of the scenarios that ship, and of the failures that scenarios can name."""

from nebula_mock.presets import preset_files
from nebula_schemas.failures import failure_table
from page_text import page, table


def presets_page() -> str:
    """The page."""
    intro = (
        "Every scenario that ships, by its name; `nebula-mock scenarios NAME` prints one as JSON. "
        "How to choose and write them: [the guide](../guides/scenarios.md)."
    )
    rows = [(f"`{name}`", str(value["description"])) for name, value in preset_files().items()]
    failures = [
        (f"`{one.id}`", one.when, one.message, f"`{one.code}`", one.source)
        for one in failure_table().values()
    ]
    return page(
        "Scenarios",
        intro,
        table(("name", "is like"), rows),
        "## Failures",
        "What a task of the outcome `failed` can fail with, by name.",
        table(("name", "when", "message", "code", "source"), failures),
    )
