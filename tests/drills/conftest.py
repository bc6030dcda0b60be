from __future__ import annotations

import pytest

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


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "drill: kills processes for minutes; run by `make drill` only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long drills out unless they are asked for."""
    if "drill" in (config.option.markexpr or ""):
        return
    long = [item for item in items if item.get_closest_marker("drill")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
