"""The page of the client's names stops where a docstring does not say everything, or says too much."""

import re
from collections.abc import Callable

import pytest

import nebula_client
from client_api_page import client_api_page
from docstrings import docstring
from nebula_client import Submission, VideoClient


def test_every_public_name_stands_on_the_page() -> None:
    titles = re.findall(r"^##+ (\w+)", client_api_page(), re.MULTILINE)
    classes = {name for name in nebula_client.__all__ if isinstance(getattr(nebula_client, name), type)}
    assert {*classes, "submit", "wait", "generate"} <= set(titles)


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("            overwrite: Replace existing files.\n", ""),
        lambda text: text.replace(
            "            overwrite:", "            nowhere: Nothing.\n            overwrite:"
        ),
    ],
    ids=["an argument left out", "one that is not there"],
)
def test_arguments_and_docstring_must_agree(
    edited: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = VideoClient.generate.__doc__ or ""
    assert edited(told) != told
    monkeypatch.setattr(VideoClient.generate, "__doc__", edited(told))
    with pytest.raises(AssertionError, match=r"VideoClient\.generate"):
        client_api_page()


def test_an_attribute_without_a_word_stops_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Submission, "__doc__", "An accepted submit.")
    with pytest.raises(AssertionError, match="Submission"):
        client_api_page()


def test_a_docstring_is_read_in_its_parts() -> None:
    def example() -> None:
        """A summary.

        More
        of it.

        Args:
            one: First, which
                goes on.
            **rest: Others: many.

        Raises:
            KeyError, ValueError: Seldom.
        """

    told = docstring(example)
    assert told.paragraphs == ("A summary.", "More of it.")
    assert {name: entry.text for name, entry in told.section("Args").items()} == {
        "one": "First, which goes on.",
        "**rest": "Others: many.",
    }
    assert list(told.section("Raises")) == ["KeyError, ValueError"]
    assert told.section("Attributes") == {}


def test_a_line_that_is_no_entry_is_told() -> None:
    def example() -> None:
        """A summary.

        Raises:
            Sometimes it fails.
        """

    with pytest.raises(ValueError, match="Sometimes it fails"):
        docstring(example)


def test_a_name_without_a_docstring_is_told() -> None:
    def example() -> None: ...

    with pytest.raises(ValueError, match="no docstring"):
        docstring(example)
