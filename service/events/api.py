"""`/v1/subscriptions` and `/v1/deliveries`."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from service import cursors
from service.actor import ActorDep
from service.audit.log import record
from service.bodies import JsonBody
from service.database.base import now
from service.errors import Fault, InvalidError, NotFoundError
from service.events.repository import EventsRepository
from service.events.schemas import (
    DeliveryOut,
    DeliveryPage,
    DeliveryQuery,
    NewSubscriptionOut,
    Subscribe,
    SubscriptionOut,
)
from service.events.signing import SigningSecretsDep
from service.events.tables import DeliveryRow, EventRow
from service.events.targets import ForbiddenTargetError
from service.fields import MAX_ID
from service.problems import describe
from service.state import DatabaseDep, TargetsDep

__all__ = ["LONGEST_OVERLAP", "OVERLAP", "rotate", "router", "unsubscribe"]

router = APIRouter(prefix="/v1", tags=["events"])

OVERLAP: Final = 24
"""Hours that the old secret of a subscription goes on signing beside the new one."""
LONGEST_OVERLAP: Final = 168

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]


@router.post(
    "/subscriptions",
    summary="Be told of events",
    status_code=201,
    dependencies=[JsonBody],
    responses=describe(400, 413, 415, 422),
)
def subscribe(
    request: Subscribe,
    database: DatabaseDep,
    targets: TargetsDep,
    signing: SigningSecretsDep,
    actor: ActorDep,
) -> NewSubscriptionOut:
    """From now on, events of these types are sent there, signed by the Standard Webhooks scheme.

    Payloads hold ids and codes, never a customer's text. What is not taken (2xx) is sent again over some three days.
    """
    try:
        targets.check(request.url)
    except ForbiddenTargetError as exc:
        raise InvalidError([Fault("/url", str(exc))]) from exc
    with database.write() as session:
        types = list(dict.fromkeys(request.types))
        secret = _new_secret()
        row = EventsRepository(session).subscribe(request.url, types, signing.seal(secret), actor.name)
        record(session, actor, "subscription.created", "subscription", row.id, types=types)
        return NewSubscriptionOut.of(row, secret)


@router.get("/subscriptions", summary="All subscriptions")
def list_subscriptions(database: DatabaseDep) -> list[SubscriptionOut]:
    """All subscriptions, without their secrets."""
    with database.read() as session:
        return [SubscriptionOut.model_validate(row) for row in EventsRepository(session).subscriptions()]


@router.delete(
    "/subscriptions/{id}", summary="End a subscription", status_code=204, responses=describe(404, 422)
)
def unsubscribe(id_: IdPath, database: DatabaseDep, actor: ActorDep) -> None:
    """Nothing more is sent there; what was on its way is dropped."""
    with database.write() as session:
        repository = EventsRepository(session)
        row = repository.subscription(id_)
        if row is None:
            raise NotFoundError(f"There is no subscription {id_}.")
        repository.unsubscribe(row)
        record(session, actor, "subscription.deleted", "subscription", id_)


@router.post(
    "/subscriptions/{id}/rotate", summary="Another secret for a subscription", responses=describe(404, 422)
)
def rotate(
    id_: IdPath,
    database: DatabaseDep,
    signing: SigningSecretsDep,
    actor: ActorDep,
    overlap_hours: Annotated[
        int, Query(ge=0, le=LONGEST_OVERLAP, description="0 when the old secret is in wrong hands.")
    ] = OVERLAP,
) -> NewSubscriptionOut:
    """For so many hours both secrets sign, so that the receiver can take the new one over without missing an event.

    A secret from before the last change signs nothing any more.
    """
    with database.write() as session:
        repository = EventsRepository(session)
        row = repository.subscription(id_)
        if row is None:
            raise NotFoundError(f"There is no subscription {id_}.")
        until = now() + timedelta(hours=overlap_hours) if overlap_hours else None
        secret = _new_secret()
        repository.change_secret(row, signing.seal(secret), until)
        record(session, actor, "subscription.rotated", "subscription", id_, overlap_hours=overlap_hours)
        return NewSubscriptionOut.of(row, secret)


@router.get("/deliveries", summary="What is on its way, arrived, or dead", responses=describe(422))
def list_deliveries(query: Annotated[DeliveryQuery, Query()], database: DatabaseDep) -> DeliveryPage:
    """Deliveries, the newest first."""
    with database.read() as session:
        rows, after = EventsRepository(session).deliveries(
            status=query.status,
            subscription_id=query.subscription,
            limit=query.limit,
            after=cursors.decode(query.cursor),
        )
        return DeliveryPage(
            items=[_out(delivery, event) for delivery, event in rows], next_cursor=cursors.encode(after)
        )


@router.post("/deliveries/{id}/replay", summary="Send again", status_code=202, responses=describe(404, 422))
def replay(id_: IdPath, database: DatabaseDep, actor: ActorDep) -> DeliveryOut:
    """A delivery, dead or not, is sent again at once with the same id."""
    with database.write() as session:
        repository = EventsRepository(session)
        row = repository.delivery(id_)
        event = repository.event(row.event_id) if row else None
        if row is None or event is None:
            raise NotFoundError(f"There is no delivery {id_}.")
        row.status, row.attempts, row.next_attempt_at, row.delivered_at = "pending", 0, now(), None
        record(session, actor, "delivery.replayed", "delivery", id_)
        session.flush()
        return _out(row, event)


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _out(delivery: DeliveryRow, event: EventRow) -> DeliveryOut:
    names = DeliveryOut.model_fields.keys() - {"event_type", "data"}
    values = {name: getattr(delivery, name) for name in names}
    return DeliveryOut.model_validate({**values, "event_type": event.type, "data": event.data})
