"""Sends one event, signed by the Standard Webhooks scheme (https://www.standardwebhooks.com)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin

import httpx
from standardwebhooks.webhooks import Webhook

from service.events.outgoing import Outgoing
from service.events.targets import ForbiddenTargetError, Targets

__all__ = ["Message", "Sender", "Sent"]

_MOST_REDIRECTS: Final = 3
_KEEPS_METHOD: Final = (307, 308)


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way: id, type and moment are the event's, however often it is sent; each secret signs it."""

    id: str
    type: str
    at: datetime
    data: Mapping[str, Any]
    url: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it: the receiver's status (None: there was no answer), and what went wrong (None: nothing)."""

    status: int | None
    error: str | None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.error is None


class Sender:
    """Delivers messages over HTTP; each connection goes to the very address that was checked."""

    def __init__(self, targets: Targets) -> None:
        self._outgoing = Outgoing(targets)

    def close(self) -> None:
        """Close idle connections."""
        self._outgoing.close()

    def send(self, message: Message) -> Sent:
        """Send once. Redirects that keep the method are followed, each after the same check."""
        body = json.dumps(
            {"type": message.type, "timestamp": message.at.isoformat(), "data": dict(message.data)},
            separators=(",", ":"),
        )
        moment = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "feedback-nlp",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": " ".join(
                Webhook(secret).sign(message.id, moment, body) for secret in message.secrets
            ),
        }
        url = message.url
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                response = self._outgoing.request("POST", url, content=body, headers=headers)
                location = response.headers.get("location")
                if response.status not in _KEEPS_METHOD or location is None:
                    break
                url = urljoin(url, location)
            else:
                return Sent(response.status, f"more than {_MOST_REDIRECTS} redirects")
        except ForbiddenTargetError as exc:
            return Sent(None, f"refused: {exc}")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            return Sent(None, type(exc).__name__)
        status = response.status
        return Sent(status, None if 200 <= status < 300 else f"answered {status}")
