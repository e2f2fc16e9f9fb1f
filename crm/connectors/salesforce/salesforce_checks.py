"""Checks of an org for `leadworth crm doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from crm.connectors.salesforce.salesforce_api import SalesforceApi
from crm.connectors.salesforce.salesforce_reader import SalesforceReader
from crm.connectors.salesforce.salesforce_scores import SCORE_NAMES
from crm.connectors.salesforce.settings import SalesforceSection
from crm.crm_http import CrmRefusedError, QuotaReachedError
from crm.sign_in_failure import SIGN_IN, sign_in_failure
from leadworth.crm_catalog import CrmInfo, CrmObject
from leadworth.errors import DeliveryError
from leadworth.health_findings import HealthFinding, Severity

JOINING_OBJECTS = ("CampaignMember", "OpportunityContactRole", "LeadHistory", "OpportunityHistory")


def check_org(
    api: SalesforceApi, reader: SalesforceReader, info: CrmInfo, section: SalesforceSection, lead_object: str
) -> list[HealthFinding]:
    """Return the findings; nothing is changed."""
    try:
        api.sign_in()
    except QuotaReachedError as error:
        return [HealthFinding(Severity.WARN, "quota", error.given, error.do)]
    except DeliveryError as error:
        remedy = "check consumer key, key or secret, and that the app is pre-authorised for the integration user"
        return [sign_in_failure(api.http, error, remedy)]
    findings = [HealthFinding(Severity.OK, SIGN_IN, f"org {api.organization}, user {api.user}")]
    if api.http.quota is not None:
        left = f"{api.http.quota.remaining:,} of {api.http.quota.limit:,} requests of 24 hours left"
        findings.append(HealthFinding(Severity.OK, "quota", left))
    findings += _versions(api)
    for name, item in info.objects.items():
        findings += _object(reader, name, item)
    findings += _joining(reader)
    findings += _score_fields(reader, lead_object)
    if not section.event_secret.get_secret_value():
        findings.append(HealthFinding(Severity.OK, "events", "no event_secret: changes are polled"))
    return findings


def _versions(api: SalesforceApi) -> Iterator[HealthFinding]:
    versions = [item["version"] for item in api.get("/services/data")]
    newest = max(versions, key=float)
    if api.version not in versions:
        do = f"set [crm.salesforce] version to one of them, such as {newest}"
        yield HealthFinding(Severity.FAIL, "version", f"the org does not offer version {api.version}", do)
    else:
        yield HealthFinding(Severity.OK, "version", f"{api.version}; the newest is {newest}")


def _object(reader: SalesforceReader, name: str, item: CrmObject) -> Iterator[HealthFinding]:
    """Yield whether an object can be read, and which of its fields cannot."""
    try:
        present = reader.fields(name, again=True)
        rows = reader.count(name)
    except CrmRefusedError as error:
        do = "give the integration user Read and View All on the object, or ignore it if the org does not use it"
        yield HealthFinding(Severity.WARN, name, f"cannot be read: {error.code}", do)
        return
    yield HealthFinding(Severity.OK, name, f"{rows:,} records; compare with a report: View All is needed to see all")
    if missing := [field for field in item.fields if field not in present]:
        do = "nothing if the org does not have them; else give the integration user access to the fields"
        yield HealthFinding(Severity.WARN, name, f"fields not visible: {', '.join(missing)}", do)


def _joining(reader: SalesforceReader) -> Iterator[HealthFinding]:
    for name in JOINING_OBJECTS:
        try:
            reader.fields(name, again=True)
        except CrmRefusedError as error:
            do = "give the integration user Read; without it campaigns, contact roles or former values are missing"
            yield HealthFinding(Severity.WARN, name, f"cannot be read: {error.code}", do)


def _score_fields(reader: SalesforceReader, lead_object: str) -> Iterator[HealthFinding]:
    present = reader.fields(lead_object)
    missing = [name for name in SCORE_NAMES.values() if name not in present]
    locked = [name for name in SCORE_NAMES.values() if name in present and not present[name].writable]
    do = "see docs/how-to/crm-salesforce.md: fields, permission set, mapping to the opportunity"
    if missing:
        yield HealthFinding(Severity.FAIL, "scores", f"{lead_object} has no visible fields {', '.join(missing)}", do)
    if locked:
        yield HealthFinding(Severity.FAIL, "scores", f"our user may not edit {', '.join(locked)}", do)
    if not missing and not locked:
        yield HealthFinding(Severity.OK, "scores", f"{len(SCORE_NAMES)} fields can be written")
