"""Structured logs: one JSON object a line on standard error, never with a customer's text."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

__all__ = ["configure"]

_FORBIDDEN: Final = frozenset({"text", "body", "note", "meta", "exception_text"})


def configure(*, json: bool = True) -> None:
    """Set up logging of the whole process, once, at its start."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_texts,
        _only_the_kind_of_error,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    for name in ("httpx", "httpx2", "httpcore", "httpcore2", "alembic", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_texts(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Fields that could hold what a customer wrote are dropped, whoever logs them."""
    for name in _FORBIDDEN & event.keys():
        event[name] = "[left out]"
    return event


def _only_the_kind_of_error(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Of an exception the types and places are kept; its message and values could quote a customer."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    exception = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    chain: list[str] = []
    trace = None
    while exception is not None and len(chain) < 5:
        chain.append(type(exception).__name__)
        trace = exception.__traceback__ or trace
        exception = exception.__cause__ or exception.__context__
    frames: list[str] = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    event["error"] = " < ".join(chain)
    event["trace"] = frames[-8:]
    return event
