"""`/backlog`: the pages about improvements, a module for what each group of them is about."""

from __future__ import annotations

from fastapi import APIRouter

from service.backlog.pages import board, changes, customers, entry, suggestions

__all__ = ["router"]

router = APIRouter()
for part in (board, suggestions, customers, changes, entry):
    router.include_router(part.router)
