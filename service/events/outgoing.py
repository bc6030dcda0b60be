"""HTTP to other systems: each connection goes to the very address that was checked, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from service.events.targets import Target, Targets

__all__ = ["Answer", "Outgoing"]

_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is cut off at the limit that was asked for."""

    status: int
    headers: httpx.Headers
    body: bytes


class Outgoing:
    """A client for addresses that people typed in. Redirects are the caller's business. Safe for many threads."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: str | bytes | None = None,
        most_bytes: int = 0,
    ) -> Answer:
        """Send one request.

        Args:
            method: Of HTTP.
            url: Checked anew each time, for names change their addresses.
            headers: Without Host.
            content: The body.
            most_bytes: How much of the answer's body to read.

        Raises:
            ForbiddenTargetError: Nothing is sent there.
            httpx.HTTPError: Nothing came back.
        """
        target = self._targets.check(url)
        with self._client.stream(
            method,
            _address(target),
            content=content,
            headers={**headers, "host": _host(target)},
            extensions={"sni_hostname": target.host},
        ) as response:
            body = b""
            if most_bytes:
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) >= most_bytes:
                        break
            return Answer(response.status_code, response.headers, body[:most_bytes])


def _address(target: Target) -> str:
    address = f"[{target.address}]" if ":" in target.address else target.address
    return f"{target.scheme}://{address}:{target.port}{target.path}"


def _host(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    default = target.port == (443 if target.scheme == "https" else 80)
    return host if default else f"{host}:{target.port}"
