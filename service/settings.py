"""Everything that can be configured, from environment variables that begin with `FEEDBACK_NLP_`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


class Settings(BaseSettings):
    """The service's configuration; an instance never changes."""

    model_config = SettingsConfigDict(env_prefix="FEEDBACK_NLP_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    models: Path | None = Field(
        None,
        description="Folder of the models; by default `models` beside pyproject.toml, from here upwards.",
    )
    language: Literal["nl", "en"] = Field("nl", description="Language of the labels in answers.")
    threads: int = Field(1, ge=1, le=64, description="Threads that one analysis may use.")
    database_url: str = Field(
        "sqlite:///feedback.db", description="The store: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`."
    )
    max_body_bytes: int = Field(
        8 * 1024 * 1024,
        ge=1024,
        description="Largest request body, in bytes; file uploads have their own limit.",
    )
