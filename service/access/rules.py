"""The one table of who may do what. `docs/access.md` shows it; a route it does not name is for admins only.

A page or route that is added gets its line here, with the path as its router declares it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.access.principal import Principal
from service.access.roles import SCOPES, Role, Scope

__all__ = ["RULES", "UNNAMED", "Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route.

    Attributes:
        roles: Signed-in persons with one of these roles.
        scopes: Keys with one of these scopes.
        public: Everybody; nobody is even asked who they are.
        keyless: Also systems without a key, while the service listens to this machine only.
    """

    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    public: bool = False
    keyless: bool = False

    def allows(self, principal: Principal) -> bool:
        """Whether somebody may."""
        if self.public:
            return True
        if principal.role is not None:
            return principal.role in self.roles
        return bool(self.scopes & principal.scopes) or (self.keyless and principal.keyless)


def _rule(*scopes: Scope, roles: tuple[Role, ...], keyless: bool = False) -> Rule:
    return Rule(frozenset(roles), frozenset(scopes), keyless=keyless)


_EVERYONE: Final[tuple[Role, ...]] = ("handler", "analyst", "admin")
_ANALYSTS: Final[tuple[Role, ...]] = ("analyst", "admin")
_ADMINS: Final[tuple[Role, ...]] = ("admin",)

_PUBLIC: Final = Rule(public=True)
_PAGE: Final = Rule(frozenset(_EVERYONE))
_ADMIN_PAGE: Final = Rule(frozenset(_ADMINS))
_DESCRIPTION: Final = _rule(*SCOPES, roles=_EVERYONE, keyless=True)

UNNAMED: Final = Rule(frozenset(_ADMINS))
"""What holds for a route that the table does not name."""

RULES: Final[Mapping[str, Rule]] = {
    # health and description
    "GET /health/live": _PUBLIC,
    "GET /health/ready": _PUBLIC,
    "GET /metrics": _rule("metrics", roles=_ADMINS, keyless=True),
    "GET /openapi.json": _DESCRIPTION,
    "GET /docs": _DESCRIPTION,
    # classification
    "POST /v1/classify": _rule("classify", roles=_EVERYONE, keyless=True),
    "GET /v1/model": _DESCRIPTION,
    "GET /v1/taxonomy": _DESCRIPTION,
    # feedback
    "POST /v1/feedback": _rule("write", roles=_ANALYSTS),
    "GET /v1/feedback": _rule("read", roles=_EVERYONE),
    "GET /v1/feedback/{id}": _rule("read", roles=_EVERYONE),
    "PATCH /v1/feedback/{id}": _rule("write", roles=_EVERYONE),
    "POST /v1/feedback/{id}/corrections": _rule("write", roles=_EVERYONE),
    "DELETE /v1/feedback/{id}": _rule("erase", roles=_ADMINS),
    "GET /v1/corrections/export": _rule("export", roles=_ANALYSTS),
    "GET /v1/feedback/{id}/original": _rule(roles=_ADMINS),
    # privacy
    "POST /v1/erasures": _rule("erase", roles=_ADMINS),
    "GET /v1/erasures": _rule("erase", roles=_ADMINS),
    "GET /v1/erasures/ids": _rule("erase", "export", roles=_ANALYSTS),
    "POST /v1/disclosures": _rule("erase", roles=_ADMINS),
    # backlog
    "GET /v1/backlog/suggestions": _rule("read", roles=_EVERYONE),
    "GET /v1/backlog": _rule("read", roles=_EVERYONE),
    "POST /v1/backlog": _rule("write", roles=_EVERYONE),
    "GET /v1/backlog/{id}": _rule("read", roles=_EVERYONE),
    "PATCH /v1/backlog/{id}": _rule("write", roles=_EVERYONE),
    "POST /v1/backlog/{id}/measure": _rule("write", roles=_EVERYONE),
    "GET /v1/backlog/{id}/items": _rule("read", roles=_EVERYONE),
    "POST /v1/backlog/{id}/items": _rule("write", roles=_EVERYONE),
    "POST /v1/backlog/{id}/merge": _rule("write", roles=_ANALYSTS),
    "POST /v1/backlog/{id}/split": _rule("write", roles=_ANALYSTS),
    "POST /v1/backlog/{id}/effect": _rule("write", roles=_EVERYONE),
    "POST /v1/backlog/{id}/tell": _rule("export", roles=_ANALYSTS),
    "GET /v1/backlog/{id}/customers": _rule("export", roles=_ANALYSTS),
    "POST /v1/trackers": _rule("events", roles=_ADMINS),
    "GET /v1/trackers": _rule("events", roles=_ADMINS),
    "DELETE /v1/trackers/{id}": _rule("events", roles=_ADMINS),
    "GET /v1/backlog/{id}/issues": _rule("read", roles=_EVERYONE),
    "POST /v1/backlog/{id}/issues": _rule("write", roles=_ANALYSTS),
    # dashboards
    "GET /v1/dashboard/journey": _rule("read", roles=_ANALYSTS),
    "GET /v1/dashboard/trend": _rule("read", roles=_ANALYSTS),
    "GET /v1/dashboard/themes": _rule("read", roles=_ANALYSTS),
    "GET /v1/dashboard/drivers": _rule("read", roles=_ANALYSTS),
    "GET /v1/dashboard/change": _rule("read", roles=_ANALYSTS),
    "GET /v1/dashboard/dna": _rule("read", roles=_ANALYSTS),
    "GET /v1/dashboard/radar": _rule("read", roles=_ANALYSTS),
    "GET /v1/dashboard/topics": _rule("read", roles=_ANALYSTS),
    # jobs
    "POST /v1/jobs": _rule("write", roles=_ANALYSTS),
    "GET /v1/jobs": _rule("read", "write", roles=_ANALYSTS),
    "GET /v1/jobs/{id}": _rule("read", "write", roles=_ANALYSTS),
    "POST /v1/jobs/{id}/cancel": _rule("write", roles=_ANALYSTS),
    "GET /v1/jobs/{id}/result": _rule("read", roles=_ANALYSTS),
    "GET /v1/jobs/{id}/errors": _rule("read", "write", roles=_ANALYSTS),
    # events
    "POST /v1/subscriptions": _rule("events", roles=_ADMINS),
    "GET /v1/subscriptions": _rule("events", roles=_ADMINS),
    "DELETE /v1/subscriptions/{id}": _rule("events", roles=_ADMINS),
    "POST /v1/subscriptions/{id}/rotate": _rule("events", roles=_ADMINS),
    "GET /v1/deliveries": _rule("events", roles=_ADMINS),
    "POST /v1/deliveries/{id}/replay": _rule("events", roles=_ADMINS),
    # other protocols
    "GET /v2": _DESCRIPTION,
    "GET /v2/health/live": _PUBLIC,
    "GET /v2/health/ready": _PUBLIC,
    "GET /v2/models/{model_name}": _DESCRIPTION,
    "GET /v2/models/{model_name}/ready": _DESCRIPTION,
    "GET /v2/models/{model_name}/versions/{model_version}": _DESCRIPTION,
    "GET /v2/models/{model_name}/versions/{model_version}/ready": _DESCRIPTION,
    "POST /v2/models/{model_name}/infer": _rule("classify", roles=_EVERYONE, keyless=True),
    "POST /v2/models/{model_name}/versions/{model_version}/infer": _rule(
        "classify", roles=_EVERYONE, keyless=True
    ),
    "POST /signals_mltool/predict": _rule("classify", roles=_EVERYONE, keyless=True),
    # signing in and out
    "GET /login": _PUBLIC,
    "POST /login": _PUBLIC,
    "GET /login/sso": _PUBLIC,
    "GET /login/sso/callback": _PUBLIC,
    "POST /logout": _PAGE,
    "GET /account/password": _PAGE,
    "POST /account/password": _PAGE,
    # pages
    "GET /static/{digest}/{name}": _PUBLIC,
    "GET /language/{language}": _PUBLIC,
    "GET /appearance/{appearance}": _PUBLIC,
    "GET /": _PAGE,
    "GET /help": _PAGE,
    "GET /inbox": _PAGE,
    "GET /inbox/new": _PAGE,
    "POST /inbox/bulk": _PAGE,
    "POST /inbox/views": _PAGE,
    "POST /inbox/views/remove": _PAGE,
    "GET /items/{id}": _PAGE,
    "POST /items/{id}/correct": _PAGE,
    "POST /items/{id}/undo": _PAGE,
    "POST /items/{id}/status": _PAGE,
    "POST /items/{id}/assign": _PAGE,
    "POST /items/{id}/notes": _PAGE,
    "POST /items/{id}/improvement": _PAGE,
    "GET /mismatches": _PAGE,
    "GET /backlog": _PAGE,
    "GET /backlog/suggestions": _PAGE,
    "GET /backlog/new": _PAGE,
    "POST /backlog/new": _PAGE,
    "POST /backlog/readability": _PAGE,
    "GET /backlog/export": Rule(frozenset(_ANALYSTS)),
    "GET /backlog/{id}": _PAGE,
    "POST /backlog/{id}/change": _PAGE,
    "POST /backlog/{id}/status": _PAGE,
    "POST /backlog/{id}/items": _PAGE,
    "POST /backlog/{id}/merge": Rule(frozenset(_ANALYSTS)),
    "POST /backlog/{id}/measure": _PAGE,
    "POST /backlog/{id}/effect": _PAGE,
    "POST /backlog/{id}/public": Rule(frozenset(_ANALYSTS)),
    "POST /backlog/{id}/tell": Rule(frozenset(_ANALYSTS)),
    "GET /backlog/{id}/customers": Rule(frozenset(_ANALYSTS)),
    "POST /backlog/{id}/issues": Rule(frozenset(_ANALYSTS)),
    "GET /u-zei-wij-deden": _PUBLIC,
    "GET /u-zei-wij-deden/fragment": _PUBLIC,
    "GET /classify": _PAGE,
    "POST /classify": _PAGE,
    "GET /dashboard": Rule(frozenset(_ANALYSTS)),
    "GET /dashboard/{board}": Rule(frozenset(_ANALYSTS)),
    "GET /dashboard/{board}/export": Rule(frozenset(_ANALYSTS)),
    "POST /demo/add": Rule(frozenset(_ADMINS)),
    "POST /demo/remove": Rule(frozenset(_ADMINS)),
    "GET /admin": Rule(frozenset(_ADMINS)),
    "GET /admin/model": Rule(frozenset(_ANALYSTS)),
    "GET /admin/jobs": Rule(frozenset(_ANALYSTS)),
    "GET /admin/audit": Rule(frozenset(_ADMINS)),
    "GET /admin/retention": Rule(frozenset(_ADMINS)),
    "GET /admin/users": Rule(frozenset(_ADMINS)),
    "POST /admin/users": Rule(frozenset(_ADMINS)),
    "POST /admin/users/change": Rule(frozenset(_ADMINS)),
    "GET /admin/keys": Rule(frozenset(_ADMINS)),
    "POST /admin/keys": Rule(frozenset(_ADMINS)),
    "POST /admin/keys/revoke": Rule(frozenset(_ADMINS)),
    "GET /admin/webhooks": Rule(frozenset(_ADMINS)),
    "POST /admin/webhooks/remove": Rule(frozenset(_ADMINS)),
    "GET /admin/trackers": Rule(frozenset(_ADMINS)),
    "POST /admin/trackers": Rule(frozenset(_ADMINS)),
    "POST /admin/trackers/remove": Rule(frozenset(_ADMINS)),
    "POST /admin/webhooks/rotate": Rule(frozenset(_ADMINS)),
}
