"""What the administration's pages show."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Figure", "KeysView", "ModelView", "Table", "TableView", "UsersView", "WebhooksView"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A name and what it is."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under heads."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class ModelView:
    """The model in use; `failure` says why there is none, or why a newer one was refused."""

    title: str
    current: str
    figures: tuple[Figure, ...]
    metrics: tuple[Figure, ...]
    thresholds: Table | None
    card: str | None
    activations: Table
    failure: str


@dataclass(frozen=True, slots=True)
class TableView:
    """A page that is one table, such as jobs and the audit log, or two."""

    title: str
    current: str
    intro: str
    table: Table
    next_url: str | None = None
    filters: tuple[Figure, ...] = field(default=())
    below: Table | None = None


@dataclass(frozen=True, slots=True)
class UsersView:
    """Users and the form for another one; `secret` is shown this once."""

    title: str
    current: str
    users: tuple[tuple[str, str, str, str, bool], ...]
    roles: tuple[str, ...]
    secret: str | None
    secret_of: str


@dataclass(frozen=True, slots=True)
class KeysView:
    """API keys and the form for another one; `secret` is shown this once."""

    title: str
    current: str
    keys: tuple[tuple[str, str, str, str, str, bool], ...]
    scopes: tuple[str, ...]
    secret: str | None
    secret_of: str


@dataclass(frozen=True, slots=True)
class WebhooksView:
    """Where events are sent to, and how the last deliveries went."""

    title: str
    current: str
    hooks: tuple[tuple[int, str, str, bool, str | None], ...]
    deliveries: Table
    overlap: int
    longest_overlap: int
    secret: str | None = None
    secret_of: str = ""
