"""Connecting to public addresses only: what a name leads to is checked, then used as checked."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from indexer.git.failures import AddressRefused

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[..., list[Any]]

# Where an IPv6-only network reaches IPv4 hosts: what counts is the host behind it.
TRANSLATOR: Final = ipaddress.IPv6Network("64:ff9b::/96")
# Older networks that carry an IPv4 address, and by how many bits it is shifted.
CARRIERS: Final = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)


def is_public(text: str) -> bool:
    """Whether the address `text` is one that anybody on the internet could be sent to."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return _is_public(address)
    if address in TRANSLATOR:
        return _is_public(_low_bits(address, 0))
    return _is_public(address) and all(map(_is_public, _carried(address)))


def _is_public(address: IPAddress) -> bool:
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def _carried(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    carried = [_low_bits(address, shift) for network, shift in CARRIERS if address in network]
    return [*carried, *(address.teredo or ())]


def _low_bits(address: ipaddress.IPv6Address, shift: int) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address((int(address) >> shift) & 0xFFFFFFFF)


def connect(
    host: str, port: int, *, timeout: float, public_only: bool, resolve: Resolve | None = None
) -> socket.socket:
    """A TCP connection to `host`, made to an address that was checked before.

    Raises:
        AddressRefused: `public_only`, and the name leads to other addresses only.
        OSError: no connection came about; a `socket.gaierror` when the name leads nowhere.
    """
    found = (resolve or socket.getaddrinfo)(host, port, type=socket.SOCK_STREAM)
    usable = [one for one in found if not public_only or is_public(str(one[4][0]))]
    if not usable:
        raise AddressRefused
    failure: OSError = ConnectionError("no address to connect to")
    for family, kind, protocol, _name, address in usable:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(timeout)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure
