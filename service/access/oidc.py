"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.access.tokens import new_token, same
from service.errors import ServiceError
from service.settings import Settings

__all__ = ["Begun", "Pending", "SingleSignOn", "SingleSignOnError"]

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_LEEWAY_SECONDS: Final = 60
_TIMEOUT_SECONDS: Final = 10.0


class SingleSignOnError(ServiceError):
    """Nobody was let in; the text is for the log and never holds a token."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What the browser keeps, in a cookie that scripts cannot read, while it is at the provider."""

    state: str
    nonce: str
    verifier: str
    next: str

    def to_cookie(self) -> str:
        """As text."""
        return json.dumps(asdict(self)).encode().hex()

    @classmethod
    def from_cookie(cls, value: str) -> Pending:
        """From the text.

        Raises:
            SingleSignOnError: It is none of ours.
        """
        try:
            content = json.loads(bytes.fromhex(value))
            return cls(**{name: str(content[name]) for name in ("state", "nonce", "verifier", "next")})
        except (ValueError, KeyError, TypeError) as exc:
            raise SingleSignOnError("the cookie of the login is not one of ours") from exc


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what it keeps meanwhile."""

    address: str
    pending: Pending


class SingleSignOn:
    """Talks to the provider of the settings. Blocks; meant for worker threads."""

    def __init__(self, settings: Settings, *, transport: httpx.BaseTransport | None = None) -> None:
        """Take note.

        Args:
            settings: With `oidc_issuer`, `oidc_client_id`, `oidc_client_secret`, `oidc_claim` and `public_url`.
            transport: What carries requests; None is the network.
        """
        self._settings = settings
        self._transport = transport

    def begin(self, next_: str) -> Begun:
        """Start a login.

        Raises:
            SingleSignOnError: The provider cannot be reached or is not the one of the settings.
        """
        pending = Pending(new_token(), new_token(), new_token() + new_token(), next_)
        with self._client() as client:
            endpoint = self._metadata(client)["authorization_endpoint"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id or "",
            "redirect_uri": self._back,
            "scope": "openid profile email",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
        return Begun(address, pending)

    def finish(self, query: dict[str, str], pending: Pending) -> str:
        """Whom the provider says it is: the claim of the settings, in small letters.

        Raises:
            SingleSignOnError: The answer is not to this browser's question, or its token is not valid for us.
        """
        if not same(query.get("state", ""), pending.state):
            raise SingleSignOnError("the answer is to another browser's question")
        if "code" not in query:
            raise SingleSignOnError("the provider let nobody in")
        try:
            with self._client() as client:
                metadata = self._metadata(client)
                token = self._exchange(client, metadata["token_endpoint"], query["code"], pending.verifier)
                keys = KeySet.import_key_set(client.get(metadata["jwks_uri"]).raise_for_status().json())
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            self._check(claims, pending.nonce)
        except (JoseError, httpx.HTTPError, KeyError, TypeError, ValueError) as exc:
            raise SingleSignOnError(f"the provider's token cannot be used: {type(exc).__name__}") from exc
        name = claims.get(self._settings.oidc_claim)
        if not isinstance(name, str) or not name:
            raise SingleSignOnError(f"the token has no {self._settings.oidc_claim}")
        if self._settings.oidc_claim == "email" and claims.get("email_verified") is not True:
            raise SingleSignOnError("the provider has not verified the e-mail address")
        return name.lower()

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._settings.oidc_issuer or ""},
            aud={"essential": True, "value": self._settings.oidc_client_id or ""},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        audiences = claims["aud"]
        if (
            isinstance(audiences, list)
            and len(audiences) > 1
            and claims.get("azp") != self._settings.oidc_client_id
        ):
            raise SingleSignOnError("the token was made for another client")

    def _exchange(self, client: httpx.Client, endpoint: str, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        name, secret = self._settings.oidc_client_id or "", self._settings.oidc_client_secret
        if secret is None:
            answer = client.post(endpoint, data=form | {"client_id": name})
        else:
            login = httpx.BasicAuth(quote(name, safe=""), quote(secret.get_secret_value(), safe=""))
            answer = client.post(endpoint, data=form, auth=login)
        return str(answer.raise_for_status().json()["id_token"])

    def _metadata(self, client: httpx.Client) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer or ""
        try:
            answer = client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            metadata: dict[str, Any] = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as exc:
            raise SingleSignOnError(f"the provider cannot be asked: {type(exc).__name__}") from exc
        if metadata.get("issuer") != issuer:
            raise SingleSignOnError("the provider is not the one of the settings")
        return metadata

    @property
    def _back(self) -> str:
        return f"{self._settings.public_url}/login/sso/callback"

    def _client(self) -> httpx.Client:
        return httpx.Client(transport=self._transport, timeout=_TIMEOUT_SECONDS)
