"""Promises of the package's names: each is there, is imported when asked for, and nothing else is public."""

import subprocess
import sys

import pytest

import nebula_client


@pytest.mark.parametrize("name", nebula_client.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(nebula_client, name) is not None
    assert name in dir(nebula_client)


def test_a_name_that_is_not_there_is_told_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'nebula_client' has no attribute 'Client'"):
        nebula_client.Client  # noqa: B018 - asking is the point


def test_names_are_imported_when_they_are_asked_for() -> None:
    """A program that only may need the client does not pay for requests at its start."""
    program = "import sys, nebula_client; print('requests' in sys.modules); nebula_client.VideoClient; print('requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]
