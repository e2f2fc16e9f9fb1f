"""FastAPI security dependency: an API key with a scope."""

from __future__ import annotations

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from serving.api_keys import KeyRing
from serving.rate_limit import MinuteLimit

ANYONE = "anyone"
"""Id of all callers where the settings ask for no API keys."""


class RequireScope(SecurityBase):
    """Dependency that returns the id of the caller's API key, which must cover a scope.

    One dependency instead of one per way to send the key: each costs the scoring call some microseconds. A request is
    checked and counted once, however often its route asks.

    Raises
    ------
    Problem
        401 without a valid key, 403 without the scope, 429 beyond the limit of the key.
    """

    model = HTTPBearer(description="`Authorization: Bearer KEY`, `X-API-Key: KEY`, or the password of HTTP Basic")
    scheme_name = "api_key"

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self._checked = f"leadworth.caller.{scope}"

    async def __call__(self, request: Request) -> str:
        """Return the id of the caller's key."""
        keys: KeyRing | None = request.app.state.keys
        if keys is None:
            return ANYONE
        caller: str | None = request.scope.get(self._checked)
        if caller is None:
            caller = await keys.require(request.headers, self.scope)
            limit: MinuteLimit | None = request.app.state.key_limit
            if limit is not None:
                await limit.require(caller, "requests a minute with this API key")
            request.scope[self._checked] = caller
        return caller
