"""All tables: a feature that brings its own is imported here, so that migrations and tests see them."""

from __future__ import annotations

import service.access.tables
import service.audit.tables
import service.backlog.tables
import service.counts.tables
import service.dashboard.tables
import service.events.tables
import service.feedback.tables
import service.inbox.tables
import service.item.tables
import service.jobs.tables
import service.models.tables
import service.privacy.tables
import service.trackers.tables  # noqa: F401 - imported for the tables
from service.database.base import Base

__all__ = ["metadata"]

metadata = Base.metadata
