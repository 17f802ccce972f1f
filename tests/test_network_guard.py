"""The guard that keeps tests on this machine."""

import asyncio
import socket
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import pytest

from tests.network_guard import ForeignAddressRefused, is_local

# 192.0.2.0/24, 2001:db8::/32 and .invalid are kept for documentation (RFC 5737, RFC 3849, RFC 2606).
FOREIGN = "192.0.2.1"


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_a_connection_to_a_foreign_address_is_refused_and_names_it(call: str) -> None:
    with socket.socket() as channel, pytest.raises(ForeignAddressRefused, match=f"'{FOREIGN}'"):
        getattr(channel, call)((FOREIGN, 80))


def test_a_datagram_to_a_foreign_address_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as channel, pytest.raises(ForeignAddressRefused):
        channel.sendto(b"x", (FOREIGN, 53))


def test_an_ipv6_address_is_refused_too() -> None:
    with socket.socket(socket.AF_INET6) as channel, pytest.raises(ForeignAddressRefused, match="2001:db8"):
        channel.connect(("2001:db8::1", 80))


def test_a_foreign_name_is_not_even_resolved() -> None:
    with pytest.raises(ForeignAddressRefused, match=r"'example\.invalid'"):
        socket.getaddrinfo("example.invalid", 443)


def test_httpx_and_urllib_are_refused_like_everyone_else() -> None:
    with pytest.raises(ForeignAddressRefused):
        httpx.get(f"http://{FOREIGN}/", trust_env=False)
    with pytest.raises(ForeignAddressRefused):
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{FOREIGN}/")


async def test_asyncio_is_refused_like_everyone_else() -> None:
    with pytest.raises(ForeignAddressRefused):
        await asyncio.open_connection(FOREIGN, 80)


def test_a_server_on_this_machine_can_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as channel,
    ):
        peer = channel.getpeername()[0]

    assert peer == "127.0.0.1"


def test_a_unix_socket_is_let_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have 108 bytes
    with socket.socket(socket.AF_UNIX) as channel, pytest.raises(FileNotFoundError):
        channel.connect("missing.sock")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "localhost", b"localhost"])
def test_loopback_is_local_however_it_is_written(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "::ffff:192.0.2.1", "localhost.example.org"])
def test_private_and_metadata_addresses_are_foreign(host: object) -> None:
    assert not is_local(host)
