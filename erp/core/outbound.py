"""Hosts that users name (mail servers, webhooks): connected to only when they are on the public internet.

Names are resolved once, every address is checked, and the connection goes to the very address that was
checked: a name that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext as _

__all__ = ["Forbidden", "Guard", "connect", "is_public", "public_addresses", "refused_literal"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: IPv6 ranges that carry an IPv4 address in their last 32 bits (NAT64).
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


class Forbidden(OSError):
    """The host is not on the public internet."""


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet: not of this machine, nor local, nor special."""
    if isinstance(address, ipaddress.IPv6Address) and (inner := _inner(address)) is not None:
        return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if any(address in network for network in NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo


def refused_literal(host: str) -> bool:
    """Whether a host is seen to be private without asking anybody: an address, or this machine's name."""
    name = host.strip().strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:  # other spellings that resolvers accept: 127.1, 0x7f000001, 2130706433
        return not is_public(ipaddress.IPv4Address(socket.inet_aton(name)))
    except OSError:
        return False


def public_addresses(host: str, port: int, *, private: bool = False) -> list[tuple[Any, ...]]:
    """Socket addresses of a host, as `socket.getaddrinfo` gives them; any address will do with `private`.

    One private address among public ones is refused too. Raises Forbidden, OSError when the host is unknown.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(str(error)) from error
    for *_family, sockaddr in found:
        address = ipaddress.ip_address(str(sockaddr[0]).partition("%")[0])
        if not (private or is_public(address)):
            raise Forbidden(_("%(host)s is not an address of the public internet.") % {"host": host})
    return found


def connect(host: str, port: int, timeout: float, *, private: bool = False) -> socket.socket:
    """A TCP connection to a host that users name, tried at each of its addresses within `timeout` seconds.

    Raises Forbidden for hosts that are not public, OSError when none answers.
    """
    deadline, failure = time.monotonic() + timeout, OSError(f"{host} has no address.")
    for family, kind, protocol, _name, sockaddr in public_addresses(host, port, private=private):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(0.1, deadline - time.monotonic()))
            sock.connect(sockaddr)
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.settimeout(timeout)
            return sock
    raise failure


class Guard:
    """Cuts a connection that lasts too long: a server could answer a byte at a time for ever.

    It holds a second handle of the connection, which stays good whatever TLS wraps around the first.
    """

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.handle = sock.dup()
        self.timer = threading.Timer(seconds, self.cut)
        self.timer.daemon = True
        self.timer.start()

    def cut(self) -> None:
        """Both sides see the connection end."""
        with suppress(OSError):
            self.handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """The connection ended in time."""
        self.timer.cancel()
        self.handle.close()
