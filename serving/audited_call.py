"""FastAPI dependency of calls that are recorded in the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request

from serving.rate_limit import client_network
from serving.required_scope import RequireScope
from store.audit_log import AuditActor, AuditEntry, AuditLog

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class AuditedCall:
    """An authorised call: id of the caller's key, and the audit log."""

    caller: str
    actor: AuditActor
    log: AuditLog

    def record(
        self, connection: Connection, action: str, kind: str, object_id: str | None = None, **details: str | int | bool
    ) -> None:
        """Record the call in the transaction of its query or change."""
        self.log.record(connection, self.actor, AuditEntry(action, kind, object_id, details=details))

    def record_lead(self, connection: Connection, action: str, lead_id: str, **details: str | int | bool) -> None:
        """Record a call about one lead, by the pseudonym of its id."""
        self.record(connection, action, "lead", self.log.pseudonym(lead_id), **details)


class RequireAudited(RequireScope):
    """Dependency that returns the caller, whose key must cover a scope, with the audit log."""

    async def __call__(self, request: Request) -> AuditedCall:  # type: ignore[override]
        """Return the call."""
        caller = await super().__call__(request)
        actor = AuditActor.of_key(caller, client_network(request.scope))
        return AuditedCall(caller, actor, request.app.state.audit)
