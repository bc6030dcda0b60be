"""Puts the application together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from service import logs, openapi, problems
from service.access import pages as access_pages
from service.access import sso
from service.access.dependencies import CsrfCheck
from service.access.middleware import AccessControl
from service.access.state import Access
from service.admission import Admission
from service.background import Background
from service.backlog import api as backlog
from service.classify import api as classify
from service.counts.recount import count_once
from service.dashboard import api as dashboard
from service.dashboard.alarms import RadarWorker
from service.dashboard.topics import PointsWorker
from service.database.engine import Database
from service.database.migrate import upgrade
from service.events import api as events
from service.events.delivery import DeliveryWorker
from service.events.outgoing import Outgoing
from service.events.sender import Sender
from service.events.signing import SigningSecrets, seal_secrets
from service.events.targets import Targets
from service.feedback import api as feedback
from service.headers import HeaderLimit, SecurityHeaders
from service.health import api as health
from service.health import metrics as prometheus
from service.inference import api as inference
from service.jobs import api as jobs
from service.jobs.worker import JobWorker
from service.limits import BodyLimit
from service.metrics import Metrics
from service.models import api as models
from service.models.live import ModelHost
from service.models.registry import registry_host
from service.observe import Observe
from service.operations.housekeeping import Housekeeping
from service.pages import install as pages
from service.pages.taxonomy import taxonomy_of
from service.privacy import api as privacy
from service.privacy.retention import RetentionWorker
from service.redaction import Redactor, default_redactor
from service.reference import pages as reference
from service.settings import Settings
from service.signalen import api as signalen
from service.state import ServiceState, originals_of
from service.trackers import api as trackers
from service.trackers.tokens import seal_tokens
from service.trackers.worker import TrackerWorker

__all__ = ["create_app", "create_app_from_environment"]

_DESCRIPTION = """\
Dutch customer feedback in; themes with polarity and evidence, sentiment, advocacy and triage signals out.
Every error is a problem detail (RFC 9457)."""

_FIRST_LOAD_SECONDS = 60.0
"""How long a process that starts waits for the model before it answers; from then on it says that there is none."""


def create_app(
    settings: Settings, *, models_host: ModelHost | None = None, redactor: Redactor | None = None
) -> FastAPI:
    """The application; nothing is opened or loaded before it starts.

    Args:
        settings: Its configuration.
        models_host: Where the model comes from; None takes the registry's live model.
        redactor: What replaces personal data; None takes the library's.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[ServiceState]:
        database = Database(settings.database_url)
        upgrade(database)
        seal_tokens(database, settings)
        seal_secrets(database, settings)
        count_once(database)
        host = models_host or registry_host(settings, database)
        cleaner = redactor or default_redactor()
        targets = Targets(settings.webhook_allowed_networks)
        sender = Sender(targets)
        outgoing = Outgoing(targets)
        originals = originals_of(settings)
        workers = [
            Background(DeliveryWorker(database, sender, SigningSecrets(settings))),
            Background(
                TrackerWorker(database, outgoing, settings, lambda: taxonomy_of(host), cleaner), pause=5.0
            ),
            Background(JobWorker(database, host, cleaner, metrics, originals=originals)),
            Background(RetentionWorker(database, settings), pause=60.0),
            Background(Housekeeping(database), pause=60.0),
            Background(RadarWorker(database, lambda: taxonomy_of(host)), pause=60.0),
            Background(PointsWorker(database, host), pause=60.0),
        ]
        access = Access.of(settings, database)
        usage = Background(access.usage, pause=15.0)
        usage.start()
        host.start()
        if models_host is None:  # of several processes, none refuses requests because it still loads
            await run_in_threadpool(host.wait, _FIRST_LOAD_SECONDS)
        for worker in workers if settings.background else ():
            worker.start()
        try:
            yield ServiceState(
                settings=settings,
                models=host,
                database=database,
                redactor=cleaner,
                targets=targets,
                metrics=metrics,
                access=access,
                originals=originals,
            )
        finally:
            host.stop()
            for worker in workers:
                await run_in_threadpool(worker.stop)
            await run_in_threadpool(usage.stop)
            await run_in_threadpool(access.usage.flush)
            sender.close()
            outgoing.close()
            database.close()

    app = FastAPI(
        title="feedback_nlp",
        version=_version(),
        summary="Themes, polarity, evidence, sentiment, advocacy and signals of Dutch customer feedback.",
        description=_DESCRIPTION,
        lifespan=lifespan,
        dependencies=[CsrfCheck],
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    openapi.install(app, keys=settings.require_keys is not False)
    app.add_middleware(
        BodyLimit, limit=settings.max_body_bytes, larger={jobs.UPLOAD_PATH: settings.max_upload_bytes}
    )
    app.add_middleware(AccessControl, application=app, settings=settings)
    app.add_middleware(
        Admission,
        application=app,
        most=settings.max_requests,
        body_seconds=settings.body_timeout_seconds,
    )
    app.add_middleware(HeaderLimit, limit=settings.max_header_bytes)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
            expose_headers=["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(SecurityHeaders, https=settings.sends_secure_cookies)
    app.add_middleware(Observe, metrics=metrics)
    for feature in (
        classify,
        feedback,
        jobs,
        events,
        models,
        health,
        prometheus,
        inference,
        signalen,
        privacy,
        dashboard,
        backlog,
        trackers,
    ):
        app.include_router(feature.router)
    app.include_router(access_pages.router)
    app.include_router(sso.router)
    app.include_router(reference.router)
    pages.install(app)
    return app


def create_app_from_environment() -> FastAPI:
    """The application with the settings of the environment, for servers that want a factory."""
    settings = Settings()
    logs.configure(json=settings.log_format == "json")
    return create_app(settings)


def _version() -> str:
    try:
        return metadata.version("feedback-nlp")
    except metadata.PackageNotFoundError:
        return "0"
