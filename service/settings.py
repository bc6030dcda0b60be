"""Everything that can be configured, from environment variables that begin with `FEEDBACK_NLP_`."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["LOOPBACK_NAMES", "Settings"]

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""What browsers and tools call this machine."""


def _check_networks(networks: list[str]) -> list[str]:
    for network in networks:
        ip_network(network)
    return networks


class Settings(BaseSettings):
    """The service's configuration; an instance never changes."""

    model_config = SettingsConfigDict(
        env_prefix="FEEDBACK_NLP_", frozen=True, extra="forbid", env_parse_none_str="null"
    )

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
    max_requests: int = Field(
        128, ge=1, description="Requests in hand at a time in each process; more are answered 429."
    )
    body_timeout_seconds: float = Field(
        30, gt=0, le=3600, description="Longest pause in a request's body, in seconds."
    )
    require_keys: bool | None = Field(
        None,
        description=(
            "Whether systems need an API key. By default they do, but for what stores and shows no feedback while "
            "`host` is this machine's own; `false` opens the whole API and is refused on any other `host`."
        ),
    )
    key_rate_limit: int = Field(
        600, ge=1, description="Requests a minute for a key without a limit of its own, in each process."
    )
    secure_cookies: bool | None = Field(
        None,
        description="Whether browsers reach the service by HTTPS only; by default unless `host` is this machine's own.",
    )
    session_hours: float = Field(12, gt=0, le=720, description="Hours after which a user signs in anew.")
    session_idle_minutes: float = Field(
        120, gt=0, le=43_200, description="Minutes without a request after which a user signs in anew."
    )
    complaint_term_days: int = Field(
        42,
        ge=1,
        le=3650,
        description="Days to answer a complaint; six weeks, as for public bodies (Awb 9:11).",
    )
    login_tries: int = Field(5, ge=1, le=100, description="Wrong passwords after which a user is locked.")
    login_lock_minutes: float = Field(
        15, gt=0, le=1440, description="Minutes that a user stays locked after too many wrong passwords."
    )
    password_rounds: int = Field(3, ge=1, le=20, description="Iterations of Argon2id for passwords.")
    password_memory_kib: int = Field(
        65_536, ge=64, le=4_194_304, description="Memory of Argon2id for passwords, in KiB."
    )
    cors_origins: list[str] = Field(
        default_factory=list,
        description='Sites whose scripts may use the API with a key, as a JSON list: `["https://intranet.example"]`.',
    )
    max_header_bytes: int = Field(
        16_384,
        ge=2048,
        le=65_536,
        description="Most bytes of a request's headers; the address may have half of it.",
    )

    retention_feedback_days: int | None = Field(
        730, ge=1, description="Days that feedback is kept after it came in; null keeps it."
    )
    retention_originals_days: int | None = Field(
        30,
        ge=1,
        description="Days that originals are kept, where they are kept at all; null for as long as the item.",
    )
    retention_events_days: int | None = Field(
        90, ge=7, description="Days that events for other systems are kept; null keeps them."
    )
    retention_jobs_days: int | None = Field(
        90, ge=1, description="Days that ended jobs and their refused rows are kept; null keeps them."
    )
    retention_audit_days: int | None = Field(
        1825, ge=30, description="Days that the audit log and ended keys are kept; null keeps them."
    )
    training_sets: list[Path] = Field(
        default_factory=list,
        description='Exported training sets (files or folders) that erasure reaches, as a JSON list: `["/srv/sets"]`.',
    )
    originals_keys: list[SecretStr] = Field(
        default_factory=list,
        description="Fernet keys, the newest first, as a JSON list; with any, originals are kept too, encrypted.",
    )
    secrets_keys: list[SecretStr] = Field(
        default_factory=list,
        description="Fernet keys, the newest first, as a JSON list; for tokens of trackers and secrets of webhooks.",
    )

    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/]+$",
        description="Where browsers find the service, such as `https://feedback.example`.",
    )
    public_page: bool = Field(
        False,
        description="Whether everybody may read at `/u-zei-wij-deden` what was improved; only what is published.",
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^https://",
        description="OpenID Connect provider for single sign-on, exactly as it calls itself; needs `public_url`.",
    )
    oidc_client_id: str | None = Field(None, description="What the provider calls this service.")
    oidc_client_secret: SecretStr | None = Field(None, description="The provider's secret for this service.")
    oidc_claim: str = Field(
        "preferred_username",
        description="Claim that is a user's name here; `email` counts only when the provider has verified it.",
    )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the service."""
        if self.host in LOOPBACK_NAMES:
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def sends_secure_cookies(self) -> bool:
        """Whether cookies go over HTTPS only."""
        return not self.is_local if self.secure_cookies is None else self.secure_cookies

    @model_validator(mode="after")
    def _can_sign_on(self) -> Self:
        if self.oidc_issuer is not None and (self.public_url is None or self.oidc_client_id is None):
            raise ValueError("oidc_issuer needs public_url and oidc_client_id too")
        return self

    @model_validator(mode="after")
    def _is_not_open_to_all(self) -> Self:
        if self.require_keys is False and not self.is_local:
            raise ValueError(
                f"require_keys=false would open everybody's feedback to whoever reaches {self.host}; "
                "make keys with `feedback-nlp key create`, or listen on 127.0.0.1"
            )
        return self
