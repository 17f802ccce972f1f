"""Refuse every socket that would leave this machine, whichever library opens it.

An audit hook sees all calls that go through CPython's socket module, also those of libraries that keep
their own reference to a socket function, and cannot be undone by a test that patches. It does not see
extension modules with sockets of their own (grpc, uvloop) nor child processes.
"""

import ipaddress
import socket
import sys
from dataclasses import dataclass, field

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


class ForeignAddressRefused(RuntimeError):
    """A test tried to reach an address beyond this machine.

    Not an OSError on purpose: a library that retries or falls back when offline must not hide it.
    """


@dataclass
class NetworkGuard:
    """Refuse foreign addresses while `active`; an audit hook cannot be removed, only told to let go."""

    active: bool = False
    _installed: bool = field(default=False, repr=False)

    def start(self) -> None:
        """Refuse from now on."""
        if not self._installed:
            sys.addaudithook(self._audit)
            self._installed = True
        self.active = True

    def stop(self) -> None:
        """Let everything through again."""
        self.active = False

    def _audit(self, event: str, args: tuple[object, ...]) -> None:
        if not self.active or not event.startswith("socket."):
            return
        host: object = None
        if event in _SENDING:
            host = _host_of(args[0], args[1])
        elif event in _RESOLVING:
            host = args[0]
        if host is not None and not is_local(host):
            raise ForeignAddressRefused(
                f"{event} to {host!r} refused: tests reach this machine only. Use a fake, or a server on 127.0.0.1."
            )


def is_local(host: object) -> bool:
    """Tell whether `host` (a name or a literal address) can only mean this machine."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified


def _host_of(channel: object, address: object) -> object:
    """Return the host that `address` names, or None where it names none (Unix sockets, connected ones)."""
    if getattr(channel, "family", None) not in _INTERNET or not isinstance(address, tuple):
        return None
    return address[0]
