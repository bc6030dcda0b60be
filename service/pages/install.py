"""Puts the pages into the application."""

from __future__ import annotations

from fastapi import FastAPI

from service.admin import pages as admin
from service.backlog import pages as backlog
from service.backlog import public
from service.classify import pages as classify
from service.dashboard import pages as dashboard
from service.demo import pages as demo
from service.inbox import pages as inbox
from service.item import pages as item
from service.mismatch import pages as mismatch
from service.pages import errors, routes
from service.trackers import pages as trackers

__all__ = ["install"]


def install(app: FastAPI) -> None:
    """Add all pages, and errors as pages; to be called after the API's own error handlers are in."""
    for feature in (
        routes,
        inbox,
        item,
        mismatch,
        classify,
        dashboard,
        demo,
        admin,
        backlog,
        public,
        trackers,
    ):
        app.include_router(feature.router)
    errors.install(app)
