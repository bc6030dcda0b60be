"""Everything that can be configured, from environment variables that begin with `FEEDBACK_NLP_`."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


def _check_networks(networks: list[str]) -> list[str]:
    for network in networks:
        ip_network(network)
    return networks


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
    model_poll_seconds: float = Field(
        1.0, gt=0, le=60, description="Seconds between two looks at which model is live."
    )
    database_url: str = Field(
        "sqlite:///feedback.db", description="The store: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`."
    )
    webhook_allowed_networks: Annotated[list[str], AfterValidator(_check_networks)] = Field(
        default_factory=list,
        description='Private networks that events may be sent to, as a JSON list: `["10.1.0.0/16"]`.',
    )
    background: bool = Field(
        True,
        description="Whether this process also works on jobs and delivers events, beside answering requests.",
    )
    signalen_url: str = Field(
        "http://localhost:8000",
        description="Where Signalen's own categories are, for the addresses in /signals_mltool/predict.",
    )
    log_format: Literal["json", "console"] = Field("json", description="How the log looks.")
    max_upload_bytes: int = Field(1024**3, ge=1024, description="Largest file for a job, in bytes.")
    max_body_bytes: int = Field(
        8 * 1024 * 1024,
        ge=1024,
        description="Largest request body, in bytes; file uploads have their own limit.",
    )
