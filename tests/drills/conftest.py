from __future__ import annotations

from tests.service.conftest import (
    database,
    postgresql,
    postgresql_url,
    shared_sqlite_url,
    sqlite,
    sqlite_template,
    sqlite_url,
    store_url,
)

__all__ = [
    "database",
    "postgresql",
    "postgresql_url",
    "shared_sqlite_url",
    "sqlite",
    "sqlite_template",
    "sqlite_url",
    "store_url",
]
