"""Checks of an Odoo database for `leadworth crm doctor`; they change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from crm.connectors.odoo.odoo_api import FIRST_JSON2, LAST_JSONRPC, OdooApi
from crm.connectors.odoo.odoo_history import OdooHistory
from crm.connectors.odoo.odoo_reader import BLACKLISTS, OdooReader
from crm.connectors.odoo.odoo_scores import SCORE_NAMES, TYPES
from crm.connectors.odoo.odoo_values import LEAD, read_time
from crm.connectors.odoo.settings import OdooSection
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS, MissingScoreFields
from crm.sign_in_failure import SIGN_IN, sign_in_failure
from leadworth.crm_catalog import CrmInfo
from leadworth.errors import DeliveryError
from leadworth.health_findings import HealthFinding, Severity
from leadworth.http_errors import UnauthorisedError

WARNING = timedelta(days=14)
"""Before the end of a key."""


class OdooChecks:
    """Checks of one database.

    Parameters
    ----------
    api, reader, history
        Calls to the database.
    section
        Settings.
    info
        Data of Odoo.
    """

    def __init__(
        self, api: OdooApi, reader: OdooReader, history: OdooHistory, section: OdooSection, info: CrmInfo
    ) -> None:
        self._api, self._reader, self._history, self._section, self._info = api, reader, history, section, info

    def findings(self, now: datetime | None = None) -> Iterator[HealthFinding]:
        """Yield the findings; where Odoo refuses the credentials, nothing more is checked.

        Parameters
        ----------
        now
            Present time; None: by the clock.
        """
        try:
            interface = version_finding(*self._api.version, self._api.interface)
            yield interface
            if interface.level is Severity.FAIL:
                return
            yield HealthFinding(Severity.OK, SIGN_IN, f"user {self._api.user}")
        except DeliveryError as error:
            do = "check endpoint, database, login and key of [crm.odoo]; a key of JSON-2 lives three months at most"
            yield sign_in_failure(self._api.http, error, do)
            return
        yield from self._key_end(now or datetime.now(UTC))
        for name in self._info.objects:
            yield self._readable(name)
        yield self._tracking()
        yield from self._blacklists()
        yield from self._score_fields()
        if self._section.event_secret.get_secret_value():
            yield HealthFinding(Severity.OK, "webhooks", "the secret of the address is set")
        else:
            yield HealthFinding(Severity.OK, "webhooks", "no event_secret: changes come with the next sync")

    def _key_end(self, now: datetime) -> Iterator[HealthFinding]:
        """Yield when the user's keys end; Odoo does not say which of several is ours."""
        if self._api.interface != "json2":
            return
        do = "make a new key in the user's preferences, Account security, and set LEADWORTH_CRM__ODOO__KEY"
        try:
            rows = self._api.call(
                "res.users.apikeys",
                "search_read",
                domain=[["user_id", "=", self._api.user]],
                fields=["name", "expiration_date"],
            )
        except (UnauthorisedError, CrmRefusedError) as error:
            what = f"the end of the key cannot be read ({error.given}); it lives three months at most"
            yield HealthFinding(Severity.WARN, "key", what, do)
            return
        for row in rows:
            if not row["expiration_date"]:
                yield HealthFinding(Severity.OK, "key", f"the key {row['name']!r} has no end")
                continue
            end = read_time(row["expiration_date"])
            level = Severity.WARN if end - now < WARNING else Severity.OK
            what = f"the key {row['name']!r} ends on {end:%Y-%m-%d}"
            yield HealthFinding(level, "key", what, do if level is Severity.WARN else "")

    def _readable(self, name: str) -> HealthFinding:
        try:
            rows = self._reader.count(name)
            missing = [field for field in self._needed(name) if field not in self._reader.described(name)]
        except DeliveryError as error:
            severity = Severity.FAIL if name == LEAD else Severity.WARN
            do = "give the user the right to read it; of leads: Sales, User: All Documents"
            return HealthFinding(severity, name, f"cannot be read: {error.given}", do)
        if missing:
            return HealthFinding(
                Severity.FAIL, name, f"lacks {', '.join(missing)}", "give the user the right to read the fields"
            )
        what = f"{rows:,} records, archived ones included"
        seen = "; compare with Odoo: without the right All Documents others are missing" if name == LEAD else ""
        return HealthFinding(Severity.OK, name, what + seen)

    def _needed(self, name: str) -> list[str]:
        item = self._info.objects[name]
        return [item.created, item.modified, *(("active", "stage_id", "probability") if name == LEAD else ())]

    def _tracking(self) -> HealthFinding:
        if self._history.is_readable():
            return HealthFinding(Severity.OK, "history", "former stages can be read")
        what = "only administrators may read mail.tracking.value: stages are known as they were at each sync"
        do = "give leadworth's user the right Administration: Settings, or accept coarse times of stages"
        return HealthFinding(Severity.WARN, "history", what, do)

    def _blacklists(self) -> Iterator[HealthFinding]:
        """Yield a finding for each blacklist that our user may not read; a database may lack one."""
        for name in BLACKLISTS:
            try:
                self._reader.count(name)
            except UnauthorisedError as error:
                what = f"{name} cannot be read ({error.code}): an opt-out comes with the next change of its lead only"
                yield HealthFinding(Severity.WARN, "consent", what, f"give leadworth's user the right to read {name}")
            except CrmRefusedError:
                continue

    def _score_fields(self) -> Iterator[HealthFinding]:
        try:
            present = self._reader.described(LEAD, again=True)
        except DeliveryError as error:
            yield HealthFinding(
                Severity.FAIL, "scores", f"the fields of leads cannot be read: {error.given}", "see above"
            )
            return
        if missing := [name for name in SCORE_NAMES.values() if name not in present]:
            do = "run `leadworth crm connect odoo --create-fields` with the key of an administrator"
            yield MissingScoreFields(Severity.WARN, "scores", f"{LEAD} lacks {', '.join(missing)}", do)
        for field in SCORE_FIELDS:
            found = present.get(SCORE_NAMES[field.name])
            if found is not None and found["type"] != TYPES[field.kind]:
                what = f"{SCORE_NAMES[field.name]} has the type {found['type']}, not {TYPES[field.kind]}"
                yield HealthFinding(Severity.FAIL, "scores", what, "rename or delete the field in Odoo")


def version_finding(number: int, text: str, interface: str) -> HealthFinding:
    """Return whether an interface fits the version of the server.

    Examples
    --------
    >>> cases = ((19, "19.0", "json2"), (19, "19.0", "jsonrpc"), (17, "17.0", "json2"))
    >>> [str(version_finding(*case).level) for case in cases]
    ['OK', 'WARN', 'FAIL']
    """
    if interface == "json2" and number < FIRST_JSON2:
        what = f"Odoo {text or number} has no JSON-2, which came with {FIRST_JSON2}"
        return HealthFinding(Severity.FAIL, "interface", what, 'set interface = "jsonrpc" in [crm.odoo]')
    if interface == "jsonrpc" and number > LAST_JSONRPC:
        what = f"Odoo {text} has no JSON-RPC any more"
        return HealthFinding(Severity.FAIL, "interface", what, 'set interface = "json2" in [crm.odoo]')
    if interface == "jsonrpc" and number >= FIRST_JSON2:
        what = f"Odoo {text}: JSON-RPC ends with Odoo {LAST_JSONRPC + 1}"
        return HealthFinding(Severity.WARN, "interface", what, 'leave out interface in [crm.odoo], or set "json2"')
    return HealthFinding(Severity.OK, "interface", f"Odoo {text or number}, {interface}")
