"""Reading of Odoo's records: pages by id within a window of write dates, ids, counts, and the survivors of merges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from crm.connector import SyncWindow
from crm.connectors.odoo.odoo_api import ACCESS, OdooApi
from crm.connectors.odoo.odoo_values import LEAD, asked_fields, origin_of, value_of, write_time
from crm.crm_http import CrmRefusedError
from leadworth.http_errors import UnauthorisedError

Row = dict[str, Any]
Domain = list[Any]
PAGE_ROWS = 500
ID_ROWS = 20_000
"""Ids of one request; they are small."""
MERGE_ROWS = 50
"""Vanished ids of one request: each is a condition of its own."""
SCOPES: Mapping[str, Domain] = {
    # Odoo's own rule of the commercial partner: a company, or a person without one.
    "res.partner": ["|", ["is_company", "=", True], ["parent_id", "=", False]],
    # What people wrote, and activities that they did; not the notes that Odoo makes of changes.
    "mail.message": [
        ["model", "=", LEAD],
        "|",
        ["mail_activity_type_id", "!=", False],
        ["message_type", "not in", ["notification", "user_notification", "auto_comment"]],
    ],
    "calendar.event": [["opportunity_id", "!=", False]],
}
"""Conditions of the records that are read; objects that are not named are read whole."""
BLACKLISTS = {"mail.blacklist": ("email", "email_normalized"), "phone.blacklist": ("number", "phone_sanitized")}
"""Blacklist -> its field with the address, and the field of a lead with the same form of it."""


class OdooReader:
    """Reads records of one database.

    Parameters
    ----------
    api
        Calls to the database.
    """

    def __init__(self, api: OdooApi) -> None:
        self._api = api
        self._described: dict[str, dict[str, Row]] = {}
        self._won_stages: frozenset[int] | None = None

    def described(self, model: str, *, again: bool = False) -> Mapping[str, Row]:
        """Return the fields that our user may see, with their attributes."""
        if again or model not in self._described:
            attributes = ["type", "string", "store", "readonly", "selection"]
            self._described[model] = self._api.call(model, "fields_get", attributes=attributes)
        return self._described[model]

    def kinds(self, model: str) -> Mapping[str, str]:
        """Return field -> Odoo's type."""
        return {name: str(item["type"]) for name, item in self.described(model).items()}

    def stage_rows(self) -> list[Row]:
        """Return the stages of leads in order."""
        names = ["id", "name", "sequence", "is_won", "team_id"]
        if "team_id" not in self.described("crm.stage"):  # a stage may have several teams in newer versions
            names.remove("team_id")
        rows: list[Row] = self._api.call("crm.stage", "search_read", domain=[], fields=names, order="sequence, id")
        self._won_stages = frozenset(int(row["id"]) for row in rows if row["is_won"])
        return rows

    @property
    def won_stages(self) -> frozenset[int]:
        """Ids of the stages of won deals."""
        if self._won_stages is None:
            self.stage_rows()
        assert self._won_stages is not None
        return self._won_stages

    def pages(
        self, model: str, names: Sequence[str], window: SyncWindow | None, last: str = ""
    ) -> Iterator[tuple[list[Row], str]]:
        """Yield the rows of a window, or all, in the order of their ids, with the id to go on after; empty: the end.

        A write date has microseconds in the database and whole seconds in answers and conditions: the window is
        widened to whole seconds. Rows that change meanwhile leave the window and come with the next one.
        """
        domain = list(SCOPES.get(model, []))
        if window is not None:
            domain = _and(domain, self._changed(model, window))
        asked = self._asked(model, names)
        while True:
            rest = _and(domain, [["id", ">", int(last)]] if last else [])
            rows = self._api.call(model, "search_read", domain=rest, fields=asked, order="id", limit=PAGE_ROWS)
            last = str(rows[-1]["id"]) if len(rows) == PAGE_ROWS else ""
            yield rows, last
            if not last:
                return

    def ids(self, model: str) -> Iterator[list[str]]:
        """Yield the ids of all records in order."""
        domain, last = SCOPES.get(model, []), 0
        while True:
            rest = _and(list(domain), [["id", ">", last]])
            found = self._api.call(model, "search", domain=rest, order="id", limit=ID_ROWS)
            yield [str(key) for key in found]
            if len(found) < ID_ROWS:
                return
            last = found[-1]

    def count(self, model: str) -> int:
        """Return the number of records, archived ones included."""
        return int(self._api.call(model, "search_count", domain=list(SCOPES.get(model, []))))

    def by_id(self, model: str, ids: Sequence[str], names: Sequence[str]) -> dict[str, Row]:
        """Return id -> row of the records that exist and are in scope; `read` would fail for one that does not."""
        found: dict[str, Row] = {}
        asked = self._asked(model, names)
        for start in range(0, len(ids), PAGE_ROWS):
            part = [int(key) for key in ids[start : start + PAGE_ROWS]]
            domain = _and(list(SCOPES.get(model, [])), [["id", "in", part]])
            rows = self._api.call(model, "search_read", domain=domain, fields=asked, order="id")
            found |= {str(row["id"]): row for row in rows}
        return found

    def survivors(self, ids: Sequence[str]) -> dict[str, str]:
        """Return merged lead -> the lead that its messages were moved to; deleted leads are not in it."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), MERGE_ROWS):
            part = [int(key) for key in ids[start : start + MERGE_ROWS]]
            named = [["message_id", "=like", f"%-{product}-{key}-{LEAD}@%"] for key in part for product in PRODUCTS]
            domain = [["model", "=", LEAD], *_any(named)]
            rows = self._api.call(
                "mail.message", "search_read", domain=domain, fields=["message_id", "res_id"], order="id"
            )
            for row in rows:
                origin, now = origin_of(row["message_id"]), value_of(row["res_id"], "integer")
                if origin in part and now and now != origin:
                    found[str(origin)] = str(now)
        return found

    def companies(self, partners: Sequence[int]) -> dict[int, int]:
        """Return contact -> its commercial partner: the company, or itself."""
        if not partners:
            return {}
        rows = self._api.call(
            "res.partner",
            "search_read",
            domain=[["id", "in", sorted(set(partners))]],
            fields=["commercial_partner_id"],
        )
        found = {int(row["id"]): value_of(row["commercial_partner_id"], "many2one") for row in rows}
        return {key: company for key, company in found.items() if isinstance(company, int)}

    def _changed(self, model: str, window: SyncWindow) -> Domain:
        """Return the condition of what changed in a window; a lead also changes with a blacklist that names it."""
        end = window.end
        if end.microsecond:
            end += timedelta(seconds=1)
        times = [["write_date", ">=", write_time(window.start)], ["write_date", "<", write_time(end)]]
        if model != LEAD:
            return times
        listed = [
            [field, "in", addresses]
            for blacklist, (name, field) in BLACKLISTS.items()
            if field in self.described(LEAD) and (addresses := self._listed(blacklist, name, times))
        ]
        return _any([["&", *times], *([item] for item in listed)], grouped=True) if listed else times

    def _listed(self, blacklist: str, name: str, times: Domain) -> list[str]:
        """Return the addresses that were put on a blacklist, or taken off, in a window."""
        try:
            rows = self._api.call(blacklist, "search_read", domain=times, fields=[name], order="id")
        except UnauthorisedError as error:
            if error.code != ACCESS:
                raise
            return []
        except CrmRefusedError:  # a database without the module has no such blacklist
            return []
        return sorted({str(row[name]) for row in rows if row[name]})

    def _asked(self, model: str, names: Sequence[str]) -> list[str]:
        """Return the fields to ask for: those of the records, and those that say when, by whom and whether archived."""
        described = self.described(model)
        own = [name for name in ("create_date", "write_date", "write_uid", "active") if name in described]
        links = ["partner_id"] if model == LEAD else []
        return asked_fields([*own, *links, *names])


PRODUCTS = ("odoo", "openerp")
"""In the Message-Ids that Odoo makes, by version."""


def _and(first: Domain, second: Domain) -> Domain:
    """Return the condition that both hold; a domain is a conjunction of the conditions in it."""
    return [*first, *second]


def _any(conditions: Sequence[Any], *, grouped: bool = False) -> Domain:
    """Return the condition that at least one holds, in prefix notation.

    Parameters
    ----------
    grouped
        Each condition is a list of terms that is complete in itself.

    Examples
    --------
    >>> _any([["a", "=", 1], ["b", "=", 2]])
    ['|', ['a', '=', 1], ['b', '=', 2]]
    >>> _any([["&", ["a", "=", 1], ["b", "=", 2]], [["c", "=", 3]]], grouped=True)
    ['|', '&', ['a', '=', 1], ['b', '=', 2], ['c', '=', 3]]
    """
    terms = [term for item in conditions for term in item] if grouped else list(conditions)
    return [*["|"] * (len(conditions) - 1), *terms]
