"""Finds out who asks and whether they may, before anything of the body is read."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.cookies import session_token
from service.access.principal import ANYBODY, LOCAL_SYSTEM, Principal
from service.access.routes import RuleBook, route_names
from service.access.rules import RULES, Rule
from service.access.state import Access
from service.access.throttle import Allowance
from service.pages.visitor import Visitor
from service.problems import problem_response
from service.settings import LOOPBACK_NAMES, Settings

__all__ = ["AccessControl"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_UNTIL_PASSWORD: Final = frozenset({"/account/password", "/logout"})
_SIGN_IN_FIRST: Final = "This needs an API key, as `Authorization: Bearer …`, or a signed-in user."


class AccessControl:
    """ASGI middleware that holds every request to the table of rules.

    It sets `request.state.principal` and `request.state.actor`.
    """

    def __init__(self, app: ASGIApp, *, application: FastAPI, settings: Settings) -> None:
        """Wrap an application.

        Args:
            app: What to protect.
            application: Whose routes there are.
            settings: Whether keys are required, and what cookies are called.
        """
        self._app = app
        self._application = application
        self._settings = settings
        self._book: RuleBook | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        rule = self._rule(scope)
        if rule is None or rule.public:
            _set(scope, ANYBODY)
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        allowance: Allowance | None = None
        secret = _bearer(request.headers)
        if secret is None:
            answer = await self._without_key(request, rule)
        else:
            answer, allowance = await self._with_key(request, rule, secret)
        outgoing = send if allowance is None else _with_limits(send, allowance)
        if isinstance(answer, Principal):
            _set(scope, answer)
            await self._app(scope, receive, outgoing)
        else:
            await answer(scope, receive, outgoing)

    def _rule(self, scope: Scope) -> Rule | None:
        if self._book is None:
            self._book = RuleBook(RULES, route_names(self._application))
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        return self._book.find(scope["method"], path.removeprefix(root) if root else path)

    async def _with_key(
        self, request: Request, rule: Rule, secret: str
    ) -> tuple[Principal | Response, Allowance | None]:
        access: Access = request.state.access
        key = access.keys.remembered(secret) or await run_in_threadpool(access.keys.recognise, secret)
        if key is None:
            return _unauthorised(request, "This API key is unknown, expired or revoked."), None
        allowance = access.limiter.take(key.prefix, key.rate_limit or self._settings.key_rate_limit)
        if not allowance.allowed:
            detail = f"This key may ask {allowance.quota} times a minute; go on in {allowance.seconds} s."
            headers = {"Retry-After": str(allowance.seconds)}
            return problem_response(request.url.path, 429, detail, headers=headers), allowance
        if not rule.allows(key.principal):
            return _forbidden(request, _needed(rule, key.principal)), allowance
        return key.principal, allowance

    async def _without_key(self, request: Request, rule: Rule) -> Principal | Response:
        if request.method not in _SAFE and _is_cross_site(request):
            return _forbidden(request, "Another site's page may not do this.")
        token = session_token(request, self._settings)
        access: Access = request.state.access
        user = await run_in_threadpool(access.sessions.recognise, token) if token else None
        principal = user or self._keyless(request)
        if principal is None or (user is None and not rule.allows(principal)):
            return _to_login(request) if _is_page(request) else _unauthorised(request, _SIGN_IN_FIRST)
        if principal.must_change_password and request.url.path not in _UNTIL_PASSWORD:
            if _is_page(request):
                return RedirectResponse("/account/password", 303)
            return _forbidden(request, "Choose a password of your own first, at /account/password.")
        if not rule.allows(principal):
            return _forbidden(request, _needed(rule, principal))
        return principal

    def _keyless(self, request: Request) -> Principal | None:
        if self._settings.require_keys is False:
            return LOCAL_SYSTEM
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname
        if self._settings.require_keys is None and self._settings.is_local and name in LOOPBACK_NAMES:
            return ANYBODY
        return None


def _set(scope: Scope, principal: Principal) -> None:
    state = scope.setdefault("state", {})
    state["principal"] = principal
    state["actor"] = principal.actor
    if principal.is_user and principal.role is not None:
        state["visitor"] = Visitor(
            principal.user_id,
            principal.actor.name,
            principal.display_name,
            principal.role,
            principal.csrf_token or "",
        )


def _bearer(headers: Headers) -> str | None:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _is_cross_site(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _is_page(request: Request) -> bool:
    return (
        request.method in _SAFE
        and not request.url.path.startswith(("/v1/", "/v2/"))
        and "text/html" in request.headers.get("accept", "")
    )


def _to_login(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)


def _unauthorised(request: Request, detail: str) -> Response:
    headers = {"WWW-Authenticate": 'Bearer realm="feedback_nlp"'}
    return problem_response(request.url.path, 401, detail, headers=headers)


def _forbidden(request: Request, detail: str) -> Response:
    return problem_response(request.url.path, 403, detail)


def _needed(rule: Rule, principal: Principal) -> str:
    if principal.is_user:
        allowed = ", ".join(sorted(rule.roles)) or "systems with a key"
        return f"This is for {allowed}; you are {principal.role}."
    wanted = " or ".join(sorted(rule.scopes))
    has = ", ".join(sorted(principal.scopes)) or "none"
    if not wanted:
        return "This is for signed-in users, not for keys."
    return f"This needs the scope {wanted}; the key has {has}."


def _with_limits(send: Send, allowance: Allowance) -> Send:
    async def outgoing(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"] = f'"key";q={allowance.quota};w=60'
            headers["RateLimit"] = f'"key";r={allowance.remaining};t={allowance.seconds}'
        await send(message)

    return outgoing
