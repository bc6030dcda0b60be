"""What `/v1/subscriptions` and `/v1/deliveries` take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.events.outbox import EventType
from service.events.tables import SubscriptionRow
from service.fields import MAX_ID, Cursor, Request, Storable

__all__ = [
    "DeliveryOut",
    "DeliveryPage",
    "DeliveryQuery",
    "NewSubscriptionOut",
    "Subscribe",
    "SubscriptionOut",
]


class Subscribe(Request):
    """Where to send which events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://klantsysteem.example/hooks/feedback", "types": ["feedback.signal"]}]
        }
    )

    url: Annotated[Storable, Field(min_length=1, max_length=2000)] = Field(
        description="An https address on the public internet, or in a network that the operator allows."
    )
    types: list[EventType] = Field(min_length=1, max_length=20)


class SubscriptionOut(BaseModel):
    """A subscription; the secret is shown only once."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    url: str
    types: list[str]
    active: bool
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None = Field(
        description="Until then the secret before the last change signs too; null: it does not."
    )


class NewSubscriptionOut(SubscriptionOut):
    """A subscription with the new secret that its signatures are checked with."""

    secret: str = Field(description="`whsec_…`, for any Standard Webhooks library; shown this once.")

    @classmethod
    def of(cls, row: SubscriptionRow, secret: str) -> NewSubscriptionOut:
        """A subscription as it is stored, with its secret in plain."""
        return cls(**SubscriptionOut.model_validate(row).model_dump(), secret=secret)


class DeliveryQuery(BaseModel):
    """Which deliveries."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["pending", "delivered", "dead"] | None = None
    subscription: int | None = Field(None, ge=1, le=MAX_ID)
    limit: int = Field(50, ge=1, le=200)
    cursor: Cursor | None = None


class DeliveryOut(BaseModel):
    """One event on its way to one subscription."""

    id: int
    event_id: str = Field(description="The `webhook-id` that the receiver sees; the same at each attempt.")
    event_type: str
    data: dict[str, Any]
    subscription_id: int
    status: Literal["pending", "delivered", "dead"]
    attempts: int
    next_attempt_at: datetime
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None


class DeliveryPage(BaseModel):
    """Deliveries, the newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None
