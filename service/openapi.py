"""The OpenAPI description, with problem details instead of the framework's own error shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.access.rules import RULES, UNNAMED
from service.problems import Problem, describe

__all__ = ["install"]


def install(app: FastAPI, *, keys: bool = True) -> None:
    """Make `app.openapi()` describe problems, and keys where they are asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= problem.pop("$defs", {})
            schemas["Problem"] = problem
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            _add_access(schema, keys=keys)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _add_access(schema: dict[str, Any], *, keys: bool) -> None:
    """Say of each operation which scope a key needs for it, and how it answers who may not or asks too often."""
    schema["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key of `feedback-nlp key create`."}
    }
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            operation["responses"] |= {str(code): body for code, body in describe(414, 431).items()}
            rule = RULES.get(f"{method.upper()} {path}", UNNAMED)
            if rule.public:
                continue
            operation["x-scopes"] = sorted(rule.scopes)
            refusals = describe(401, 403, 429) if keys else describe(403)
            operation["responses"] |= {str(code): body for code, body in refusals.items()}
            if keys:
                operation["security"] = [{"key": []}, *([{}] if rule.keyless else [])]
