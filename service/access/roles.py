"""The roles of users and the scopes of keys."""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = ["ROLES", "SCOPES", "Role", "Scope"]

Role = Literal["handler", "analyst", "admin"]
"""What a user is: works on items, works with all of it, or also decides who may."""

Scope = Literal["classify", "read", "write", "export", "erase", "events", "metrics"]
"""What a key may be used for."""

ROLES: Final[tuple[Role, ...]] = get_args(Role)
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
