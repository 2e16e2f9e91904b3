"""Who can reach a server: this machine alone, unless its admin API asks for a token."""

from ipaddress import ip_address

from nebula_mock.settings import SettingsError


def own_name(host: str) -> str:
    """The Host name of a server that listens on ``host``, as a consumer would write it."""
    return f"[{host}]" if ":" in host else host


def refuse_open_door(host: str, admin_token: str | None, *, has_admin: bool = True) -> bool:
    """Whether other machines can reach a server on ``host``; only with a token may they, or without an admin API.

    Raises:
        SettingsError: ``host`` is no address, or is open to others with an admin API and no token.
    """
    try:
        is_loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        message = (
            f"host: found {host!r}, expected an IP address of this machine, such as 127.0.0.1 or 0.0.0.0."
        )
        raise SettingsError(message) from None
    if not is_loopback and has_admin and not admin_token:
        message = (
            f"host: {host} lets other machines in, and the admin API would be open to them. "
            "Set an admin token as well, leave the admin API out, or leave the host out to serve this machine alone."
        )
        raise SettingsError(message)
    return not is_loopback
