"""Which addresses count as public, and that the checked address is the one connected to."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.git.address import connect, is_public
from indexer.git.failures import AddressRefused


@pytest.mark.parametrize("address", ["140.82.121.3", "8.8.8.8", "2606:50c0:8000::64"])
def test_ordinary_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1"),
        *(
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001:db8::1",
            "fd00:ec2::254",
        ),
        *("localhost", "", "1.2.3", "2130706433"),
    ],
)
def test_addresses_inside_and_their_disguises_are_not_public(address):
    assert not is_public(address)


def test_a_public_host_behind_a_translator_of_ipv6_only_networks_is_public():
    assert is_public("64:ff9b::808:808")


@given(st.ip_addresses(v=4).filter(lambda address: not is_public(str(address))))
def test_no_private_address_becomes_public_by_being_mapped(address):
    assert not is_public(f"::ffff:{address}")
    assert not is_public(str(ipaddress.IPv6Address(0x2002 << 112 | int(address) << 80)))


def answers(*addresses):
    def resolve(_host, port, **_rest):
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (one, port)) for one in addresses]

    return resolve


def test_a_name_that_leads_to_private_addresses_only_is_never_connected_to():
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(0)
        port = listening.getsockname()[1]
        with pytest.raises(AddressRefused):
            connect(
                "forge.example", port, timeout=1, public_only=True, resolve=answers("127.0.0.1")
            )
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_the_name_is_looked_up_once_so_that_a_second_answer_cannot_differ():
    asked = []

    def resolve(host, port, **_rest):
        asked.append(host)
        return answers("127.0.0.1")(host, port)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
        with closing(
            connect("forge.example", port, timeout=5, public_only=False, resolve=resolve)
        ) as made:
            assert made.getpeername() == ("127.0.0.1", port)
    assert asked == ["forge.example"]


def test_the_next_address_is_tried_when_one_does_not_answer():
    with closing(socket.create_server(("127.0.0.2", 0))) as listening:
        port = listening.getsockname()[1]
        resolve = answers("127.0.0.1", "127.0.0.2")
        with closing(connect("x", port, timeout=5, public_only=False, resolve=resolve)) as made:
            assert made.getpeername()[0] == "127.0.0.2"


def test_no_address_that_answers_is_an_error_of_the_network():
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        connect("x", port, timeout=1, public_only=False, resolve=answers("127.0.0.1"))
