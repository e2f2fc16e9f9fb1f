"""Checks of a HubSpot account before it is used; they change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from crm.connectors.hubspot.hubspot_api import HubSpotApi
from crm.connectors.hubspot.hubspot_properties import TYPES
from crm.connectors.hubspot.hubspot_reading import HubSpotReader
from crm.connectors.hubspot.settings import HubSpotSection
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS, MissingScoreFields
from crm.sign_in_failure import sign_in_failure
from leadworth.crm_catalog import CrmInfo
from leadworth.crm_records import CrmField
from leadworth.errors import DeliveryError
from leadworth.health_findings import HealthFinding, Severity
from leadworth.http_errors import UnauthorisedError

SUPPORT_MONTHS = 18
"""Months for which HubSpot supports a version."""
WARNING_MONTHS = 3


class HubSpotChecks:
    """Checks of one account.

    Parameters
    ----------
    api, reader
        Requests to the account.
    section
        Settings.
    info
        Data of HubSpot.
    """

    def __init__(self, api: HubSpotApi, reader: HubSpotReader, section: HubSpotSection, info: CrmInfo) -> None:
        self._api, self._reader, self._section, self._info = api, reader, section, info

    def findings(
        self, fields: Sequence[CrmField] | None = None, now: datetime | None = None
    ) -> Iterator[HealthFinding]:
        """Yield the findings; where HubSpot refuses the credentials, nothing more is checked.

        Parameters
        ----------
        fields
            Fields of the lead object; None: read from the account.
        now
            Present time.
        """
        yield version_finding(self._section.api_version, now or datetime.now(UTC))
        reachable = True
        for name in self._info.objects:
            finding, reachable = self._readable(name)
            yield finding
            if not reachable:
                return
        lead = self._info.lead_objects[0]
        yield from self._order(lead)
        yield self._writable(lead)
        yield from score_field_findings(lead, fields)
        yield self._webhooks()

    def _readable(self, name: str) -> tuple[HealthFinding, bool]:
        """Return the finding for an object, and whether the account can be reached at all."""
        try:
            self._api.get(
                self._api.path("owners") if name == "owners" else self._api.path("objects", name), {"limit": "1"}
            )
        except UnauthorisedError as error:
            if not error.code.startswith("HTTP 403"):
                do = "create a service key (Settings, Integrations, Service Keys) and set it as the token"
                return sign_in_failure(self._api.http, error, do), False
            do = f"add the scope to the key or app: {error.code.rpartition(' ')[2]}"
            return HealthFinding(Severity.FAIL, "scopes", f"no right to read {name}: {error.code}", do), True
        except CrmRefusedError as error:
            do = "check api_version in [crm.hubspot], and whether the account has the object"
            return HealthFinding(Severity.FAIL, "object", f"{name} cannot be read: {error.code}", do), True
        except DeliveryError as error:
            return sign_in_failure(self._api.http, error, error.do), False
        return HealthFinding(Severity.OK, "scopes", f"{name} can be read"), True

    def _order(self, lead: str) -> Iterator[HealthFinding]:
        """Yield a finding where a search compares ids as text: a window would lose records then."""
        try:
            every, above = self._reader.total(lead), self._reader.total(lead, "99")
        except DeliveryError as error:
            yield HealthFinding(Severity.FAIL, "search", f"{lead} cannot be searched: {error}", "see above")
            return
        if every - above > 99:
            what = f"a search for ids above 99 finds {above:,} of {every:,} {lead}: ids are not compared as numbers"
            yield HealthFinding(Severity.FAIL, "search", what, "do not use this connector; report it with this line")
        else:
            yield HealthFinding(Severity.OK, "search", f"{every:,} {lead}; ids are compared as numbers")

    def _writable(self, lead: str) -> HealthFinding:
        """Return whether scores may be written; a batch without rows asks for the right and changes nothing."""
        try:
            self._api.send("POST", self._api.path("objects", lead, "batch", "update"), body={"inputs": []}, own=(400,))
        except DeliveryError as error:
            do = f"add the scope crm.objects.{lead}.write to the key or app"
            return HealthFinding(Severity.FAIL, "scopes", f"no right to write {lead}: {error}", do)
        return HealthFinding(Severity.OK, "scopes", f"{lead} can be written")

    def _webhooks(self) -> HealthFinding:
        if self._section.client_secret.get_secret_value():
            return HealthFinding(Severity.OK, "webhooks", "the secret of the app is set")
        what = "no webhooks: a service key has none, and no client_secret is set; changes come with the next sync"
        return HealthFinding(Severity.WARN, "webhooks", what, "for faster changes use a project app and its secret")


def version_finding(version: str, now: datetime) -> HealthFinding:
    """Return whether a version of the API is supported.

    Examples
    --------
    >>> version_finding("2026-09", datetime(2026, 11, 1)).level, version_finding("2024-09", datetime(2026, 11, 1)).level
    (<Severity.OK: 'OK'>, <Severity.FAIL: 'FAIL'>)
    """
    year, month = map(int, version.split("-"))
    left = (year - now.year) * 12 + month - now.month + SUPPORT_MONTHS
    what = f"version {version}, supported for {SUPPORT_MONTHS} months: {max(left, 0)} left"
    if left > WARNING_MONTHS:
        return HealthFinding(Severity.OK, "version", what)
    level = Severity.WARN if left > 0 else Severity.FAIL
    return HealthFinding(level, "version", what, "update leadworth, or set api_version in [crm.hubspot]")


def score_field_findings(lead: str, fields: Sequence[CrmField] | None) -> Iterator[HealthFinding]:
    """Yield the findings for the properties of the scores."""
    if fields is None:
        do = f"add the scope crm.schemas.{lead}.read to the key or app"
        yield HealthFinding(Severity.FAIL, "properties", f"the properties of {lead} cannot be read", do)
        return
    present = {field.name: field for field in fields}
    if missing := [field.name for field in SCORE_FIELDS if field.name not in present]:
        do = "run `leadworth crm connect hubspot --create-fields`"
        yield MissingScoreFields(Severity.WARN, "properties", f"{lead} lack {', '.join(missing)}", do)
    for field in SCORE_FIELDS:
        kind = TYPES[field.kind][0]
        found = present.get(field.name)
        if found is not None and found.kind != kind:
            what = f"{lead} have {field.name} of type {found.kind}, not {kind}"
            yield HealthFinding(Severity.FAIL, "properties", what, "rename or delete the property in HubSpot")
        elif found is not None and (lacking := [value for value in field.options if value not in found.options]):
            what = f"{field.name} of {lead} lacks the options {', '.join(lacking)}"
            yield HealthFinding(Severity.FAIL, "properties", what, "add them in HubSpot, in Settings, Properties")
