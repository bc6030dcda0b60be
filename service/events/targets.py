"""Where events may be sent: never to an address inside our own network, whatever a name resolves to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from service.errors import ServiceError

__all__ = ["ForbiddenTargetError", "Resolve", "Target", "Targets", "resolve_host"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class ForbiddenTargetError(ServiceError):
    """Events are not sent there; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked target: what to connect to, and what to say there.

    Attributes:
        scheme: `https`, or `http` within allowed networks.
        host: The name in the URL, for the certificate and the Host header.
        port: TCP port.
        path: Path and query.
        address: The checked address that the name stands for; connect to this and nothing else.
    """

    scheme: str
    host: str
    port: int
    path: str
    address: str


def resolve_host(host: str, port: int) -> Sequence[str]:
    """All addresses of a name."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Targets:
    """Decides about URLs, anew at each delivery and each redirect, for names change their addresses."""

    def __init__(self, allowed: Sequence[str] = (), resolve: Resolve = resolve_host) -> None:
        """Take note.

        Args:
            allowed: Networks in CIDR notation that are fine although they are private; there also `http` is.
            resolve: Gives the addresses of a name.
        """
        self._allowed: list[Network] = [ipaddress.ip_network(network) for network in allowed]
        self._resolve = resolve

    def check(self, url: str) -> Target:
        """Resolve a URL to an address that may be connected to.

        Raises:
            ForbiddenTargetError: The URL is not usable, or any of its addresses is not public.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        except (ValueError, UnicodeError) as exc:
            raise ForbiddenTargetError(f"the URL cannot be read: {exc}") from exc
        if parts.scheme not in ("http", "https") or not host:
            raise ForbiddenTargetError("the URL must begin with https:// and name a host")
        if parts.username is not None or parts.password is not None:
            raise ForbiddenTargetError("the URL must not contain a user name or password")
        try:
            found = list(dict.fromkeys(self._resolve(host, port)))
        except (OSError, UnicodeError) as exc:
            raise ForbiddenTargetError(f"the host {host!r} cannot be resolved") from exc
        if not found:
            raise ForbiddenTargetError(f"the host {host!r} has no address")
        allowed = [self._is_allowed(ipaddress.ip_address(address.partition("%")[0])) for address in found]
        for address, fine in zip(found, allowed, strict=True):
            if not fine and not _is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise ForbiddenTargetError(f"the host {host!r} has an address that is not public")
        if parts.scheme == "http" and not all(allowed):
            raise ForbiddenTargetError("the URL must begin with https://")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, port, path, found[0])

    def _is_allowed(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._allowed)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast
