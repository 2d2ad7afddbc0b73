"""Hosts named by users are reached only when they are public, at the address that was checked."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from erp.core import outbound


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:169.254.169.254",
    ],
)  # fmt: skip
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert not outbound.is_public(ipaddress.ip_address(address))
    assert outbound.refused_literal(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))
    assert not outbound.refused_literal(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost", "127.1", "0x7f000001", "[::1]"])
def test_other_spellings_of_this_machine_are_seen(host: str) -> None:
    assert outbound.refused_literal(host)


def test_a_name_is_not_refused_before_it_is_resolved() -> None:
    assert not outbound.refused_literal("smtp.example.com")


def answers(*addresses: str) -> Any:
    """A resolver that gives these addresses, one list per call."""
    lists = iter([address.split(",") for address in addresses])

    def resolve(host: str, port: int, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(lists)]

    return resolve


@pytest.mark.parametrize("found", ["127.0.0.1", "8.8.8.8,10.0.0.1"])
def test_a_name_of_a_private_address_is_refused(monkeypatch: Any, found: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers(found))
    with pytest.raises(outbound.Forbidden):
        outbound.connect("smtp.example.com", 25, 1)


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: Any) -> None:
    """The second answer of a hostile name server is never asked for."""
    reached: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "127.0.0.1"))
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: reached.append(address))
    outbound.connect("rebinding.example.com", 25, 1).close()
    assert reached == [("8.8.8.8", 25)]


def test_private_hosts_are_reached_when_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outbound.connect("127.0.0.1", port, 2, private=True).close()
        with pytest.raises(outbound.Forbidden):
            outbound.connect("127.0.0.1", port, 2)


@pytest.mark.parametrize("host", ["a" * 80 + ".example", "..", ""])
def test_a_name_that_cannot_be_is_an_error_of_the_network(host: str) -> None:
    with pytest.raises(OSError):
        outbound.connect(host, 25, 1)
