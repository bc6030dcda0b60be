"""Who is asking. Access control sets `request.state.actor`; without it everybody is the local user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Depends, Request

__all__ = ["LOCAL", "Actor", "ActorDep"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a system or the service itself.

    Attributes:
        name: How the logs call it; unique within its kind.
        kind: What it is.
    """

    name: str
    kind: Literal["user", "key", "system"] = "system"


LOCAL: Final = Actor("local")


async def _actor(request: Request) -> Actor:
    actor = getattr(request.state, "actor", LOCAL)
    return actor if isinstance(actor, Actor) else LOCAL


ActorDep = Annotated[Actor, Depends(_actor)]
