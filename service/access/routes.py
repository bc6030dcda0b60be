"""Which rule goes for a request, found out before the application itself looks for the route."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, compile_path

from service.access.rules import UNNAMED, Rule

__all__ = ["RuleBook", "route_names"]


def route_names(app: FastAPI) -> list[str]:
    """All routes of an application as `METHOD /path/{name}`; a mounted folder counts as `GET /path/{path:path}`."""
    names: list[str] = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount):
            names.append(f"GET {context.path}/{{path:path}}")
            continue
        for method in sorted(context.methods or ()):
            if method != "HEAD":
                names.append(f"{method} {context.path}")
    return names


class RuleBook:
    """Finds the rule for a method and path; a route without a rule gets `UNNAMED`."""

    def __init__(self, rules: Mapping[str, Rule], names: list[str]) -> None:
        """Prepare.

        Args:
            rules: The table.
            names: All routes there are.
        """
        self._exact: dict[tuple[str, str], Rule] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Rule]] = []
        for name in dict.fromkeys([*names, *rules]):
            method, path = name.split(" ", 1)
            rule = rules.get(name, UNNAMED)
            if "{" in path:
                self._patterns.append((method, compile_path(path)[0], rule))
            else:
                self._exact[(method, path)] = rule

    def find(self, method: str, path: str) -> Rule | None:
        """The rule; None when there is no such route, which the application answers with 404 or 405."""
        method = "GET" if method == "HEAD" else method
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact
        return next(
            (rule for verb, pattern, rule in self._patterns if verb == method and pattern.match(path)), None
        )
