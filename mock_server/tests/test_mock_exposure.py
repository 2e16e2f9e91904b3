"""Promises about who can reach a server: this machine alone, unless its admin API asks for a token."""

import pytest

from nebula_mock import Settings, create_app
from nebula_mock.exposure import own_name, refuse_open_door
from nebula_mock.settings import SettingsError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked about, not bound
OPEN = [EVERYWHERE, "::", "192.168.1.7", "8.8.8.8", "fe80::1", "128.0.0.1"]


@pytest.mark.parametrize("token", [None, "", "s3cret"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine_alone_needs_no_token(host: str, token: str | None) -> None:
    assert refuse_open_door(host, token) is False


@pytest.mark.parametrize("host", OPEN)
def test_other_machines_are_let_in_with_a_token(host: str) -> None:
    assert refuse_open_door(host, "s3cret") is True


@pytest.mark.parametrize("token", [None, ""])
@pytest.mark.parametrize("host", OPEN)
def test_no_other_machine_is_let_in_without(host: str, token: str | None) -> None:
    with pytest.raises(SettingsError) as refused:
        refuse_open_door(host, token)
    assert str(refused.value) == (
        f"host: {host} lets other machines in, and the admin API would be open to them. "
        "Set an admin token as well, leave the admin API out, or leave the host out to serve this machine alone."
    )


@pytest.mark.parametrize("host", ["", "nowhere", "LOCALHOST", "256.0.0.1", "127.1", "[::1]", "127.0.0.1:80"])
def test_what_is_no_address_is_refused_before_it_is_looked_up(host: str) -> None:
    """Not by name: a look-up would ask the network."""
    with pytest.raises(SettingsError) as refused:
        refuse_open_door(host, "s3cret")
    assert str(refused.value).startswith(f"host: found {host!r}, expected an IP address of this machine")


@pytest.mark.parametrize(
    ("host", "name"), [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("::1", "[::1]")]
)
def test_an_address_is_named_as_in_a_url(host: str, name: str) -> None:
    assert own_name(host) == name


def test_without_an_admin_api_no_token_is_needed_and_its_paths_are_unknown() -> None:
    assert refuse_open_door(EVERYWHERE, None, has_admin=False) is True
    client = create_app(Settings(admin=False)).test_client()
    for path in ("/_mock/health", "/_mock/journal", "/_mock/reset"):
        answer = client.post(path, json={"scope": "all"})
        assert (answer.status_code, answer.get_json()["error"]["type"]) == (404, "invalid_request_error")
    made = client.post(
        "/v1/video/generations",
        json={"model": "sora-2", "prompt": "A cat"},
        headers={"Authorization": "Bearer sk-test"},
    )
    assert made.status_code == 200
