"""The library's own commands; each module imports what is heavy inside its command."""

from __future__ import annotations

__all__: list[str] = []
