"""Alembic's environment: runs within the connection that `service.database.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, BigInteger

from service.database.base import UtcDateTime
from service.database.metadata import metadata

_SEARCH = "feedback_search"


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Leave out what only one of the two databases has: the search index."""
    return not (name or "").startswith(_SEARCH)


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types as `service.migrations.columns` names them."""
    name = None
    if kind == "type" and isinstance(item, UtcDateTime):
        name = "MOMENT"
    elif kind == "type" and isinstance(item, JSON):
        name = "JSON"
    elif kind == "type" and isinstance(item, BigInteger):
        name = "KEY"
    if name is None:
        return False
    autogen.imports.add(f"from service.migrations.columns import {name}")
    return name


def run() -> None:
    """Run the migrations."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        include_name=include_name,
        render_as_batch=context.config.attributes.get("batch", True),
        render_item=render_item,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
