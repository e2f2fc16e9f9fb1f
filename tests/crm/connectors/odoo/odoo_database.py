"""A database of Odoo on this machine, with its connector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm.connector import SyncWindow
from crm.connectors.odoo.connector import OdooConnector, connect
from crm.connectors.odoo.odoo_account import OdooAccount
from crm.connectors.odoo.odoo_api import OdooApi
from crm.connectors.odoo.odoo_values import LEAD
from crm.connectors.odoo.peer import OdooPeer
from crm.connectors.odoo.settings import OdooSection
from leadworth.crm_records import CrmRecord, FieldChange
from leadworth.http_client import HttpClient
from leadworth.peer_server import serve_peer


@dataclass
class Database:
    """A database and its connector."""

    account: OdooAccount
    peer: OdooPeer
    connector: OdooConnector
    api: OdooApi
    http: HttpClient
    address: str

    def lead(self, **values: Any) -> str:
        """Create a lead; `__` in a name stands for `/`."""
        return self.account.create(LEAD, {name.replace("__", "/"): value for name, value in values.items()})

    def edit(self, lead: str, **values: Any) -> None:
        """Change a lead a minute later, as a person does."""
        self.account.clock.advance(minutes=1)
        self.account.edit(LEAD, lead, {name.replace("__", "/"): value for name, value in values.items()})

    def window(self, **back: float) -> SyncWindow:
        """Return the window from some time ago to now."""
        now = self.account.clock.now()
        return SyncWindow(now - timedelta(**back), now)

    def read(self, window: SyncWindow | None, fields: Sequence[str], model: str = LEAD) -> list[CrmRecord]:
        """Return the records of all pages."""
        return [record for page in self.connector.pages(model, fields, window) for record in page.records]

    def changes(self, lead: str, field: str = "outcome_stage") -> list[FieldChange]:
        """Return the former values of a field."""
        return [change for change in self.connector.changes(LEAD, [lead]) if change.field == field]

    def connected(self, **values: Any) -> OdooConnector:
        """Return another connector, with other settings."""
        given: Mapping[str, Any] = {**self.peer.settings(self.address), **values}
        return connect(OdooSection.model_validate(given), self.http, "EUR")


@contextmanager
def running(http: HttpClient, version: int = 19, **values: Any) -> Iterator[Database]:
    """Serve a database of a version of Odoo and connect with it."""
    account = OdooAccount()
    peer = OdooPeer(account, version)
    with serve_peer(peer) as address:
        section = OdooSection.model_validate({**peer.settings(address), **values})
        yield Database(account, peer, connect(section, http, "EUR"), OdooApi(http, section), http, address)
