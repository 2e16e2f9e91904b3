"""End a TCP connection with a reset, from under a server that goes on using it.

A linger time of zero alone does not do it: Werkzeug shuts its side down first, and what travels is an orderly
end. Closing the socket does not either: file objects keep it open, and another connection may get its number.
So the descriptor is given another socket, a dead one, and the kernel drops the last reference to the real one
at once, which sends the reset; the server gets an ordinary "other side is gone" and cleans up by its own code.
"""

import os
import socket
import struct

_LINGER_NOT = struct.pack("ii", 1, 0)  # on, zero seconds


def reset(connection: socket.socket) -> None:
    """Send a reset now; ``connection`` stays an open socket that nobody is at the other end of.

    Raises:
        OSError: The connection is closed already.
    """
    twin = connection.dup()
    try:
        twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    finally:
        twin.close()
    dead, other = socket.socketpair()
    other.close()
    with dead:
        os.dup2(dead.fileno(), connection.fileno(), inheritable=False)
