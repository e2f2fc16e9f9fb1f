"""A made-up CRM peer with one path, to test the parts that all peers share."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from crm.sandbox.crm_peer import CrmPeer


class MadeUpPeer(CrmPeer):
    """Returns its records at `/records`; a token is valid for `uses` requests, and `left` requests are left today."""

    name = "made-up"
    token = "first"
    uses = 1_000
    left = 1_000

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/records", self._records, methods=["GET", "PATCH"])])

    def settings(self, address: str) -> Mapping[str, str]:
        return {"endpoint": address, "token": self.token}

    async def _records(self, request: Request) -> JSONResponse:
        self.uses -= 1
        self.left -= 1
        if self.uses < 0 or request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"error": "expired"}, 401)
        ids = [record.record_id for record in self.account.visible("contacts")]
        return JSONResponse(ids, headers={"x-left": str(max(self.left, 0)), "x-limit": "1000"})
