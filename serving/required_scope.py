"""FastAPI security dependency: an API key with a scope."""

from __future__ import annotations

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from serving.api_keys import KeyRing

ANYONE = "anyone"
"""Id of all callers where the settings ask for no API keys."""


class RequireScope(SecurityBase):
    """Dependency that returns the id of the caller's API key, which must cover a scope.

    One dependency instead of one per way to send the key: each costs the scoring call some microseconds.

    Raises
    ------
    Problem
        401 without a valid key, 403 without the scope.
    """

    model = HTTPBearer(description="`Authorization: Bearer KEY`, `X-API-Key: KEY`, or the password of HTTP Basic")
    scheme_name = "api_key"

    def __init__(self, scope: str) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> str:
        """Return the id of the caller's key."""
        keys: KeyRing | None = request.app.state.keys
        return ANYONE if keys is None else await keys.require(request.headers, self.scope)
