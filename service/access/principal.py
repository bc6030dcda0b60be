"""Who is asking, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.access.roles import SCOPES, Role, Scope
from service.actor import LOCAL, Actor

__all__ = ["ANYBODY", "LOCAL_SYSTEM", "Principal"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, a system with a key, the local system, or nobody in particular.

    Attributes:
        actor: How logs and the store call them.
        role: A person's role; None for systems.
        scopes: What a system may do; empty for persons.
        user_id: A person's id.
        display_name: What pages call a person.
        csrf_token: What a person's forms must carry as `csrf_token`, or scripts as `X-CSRF-Token`.
        must_change_password: Whether the person must first choose a password of their own.
        keyless: Whether no key was asked for, because only this machine can reach the service.
    """

    actor: Actor
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    user_id: int | None = None
    display_name: str = ""
    csrf_token: str | None = None
    must_change_password: bool = False
    keyless: bool = False

    @property
    def is_user(self) -> bool:
        """Whether this is a signed-in person."""
        return self.user_id is not None

    def has_role(self, *roles: Role) -> bool:
        """Whether it is a person with one of these roles."""
        return self.role in roles


ANYBODY: Final = Principal(LOCAL, keyless=True)
"""Whoever asks without a key; may use what stores nothing, and that only while nobody else can reach the service."""

LOCAL_SYSTEM: Final = Principal(LOCAL, role="admin", scopes=frozenset(SCOPES))
"""Whoever asks while `require_keys` is off: may everything, and is no user."""
