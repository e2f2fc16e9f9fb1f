"""Checks of a Zoho account before it is used; they change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from crm.connectors.zoho.settings import ZohoSection
from crm.connectors.zoho.zoho_api import ZohoApi
from crm.connectors.zoho.zoho_reading import HIDDEN, ZohoReader
from crm.connectors.zoho.zoho_scores import TYPES
from crm.connectors.zoho.zoho_stages import read_stages
from crm.connectors.zoho.zoho_users import USERS, current_user
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS, MissingScoreFields
from crm.sign_in_failure import SIGN_IN, sign_in_failure
from leadworth.crm_catalog import CrmInfo
from leadworth.crm_records import StageMeaning
from leadworth.errors import DeliveryError
from leadworth.health_findings import HealthFinding, Severity


def account_findings(
    api: ZohoApi, reader: ZohoReader, section: ZohoSection, info: CrmInfo, lead: str
) -> Iterator[HealthFinding]:
    """Yield the findings; where Zoho refuses the credentials, nothing more is checked."""
    try:
        user = current_user(api)
    except CrmRefusedError as error:
        user = ""
        yield HealthFinding(Severity.WARN, "user", f"our user cannot be read: {error.code}", error.do)
    except DeliveryError as error:
        do = "check client_id, client_secret, refresh_token and data_centre in [crm.zoho]"
        yield sign_in_failure(api.http, error, do)
        return
    if user:
        yield HealthFinding(Severity.OK, SIGN_IN, f"data centre {section.data_centre}, user {user}")
    for name in info.objects:
        if name != USERS:
            yield _module(reader, name, info.objects[name].fields)
    yield _stages(api)
    yield from _score_fields(reader, lead)
    ordered = bool(section.event_url and section.event_token.get_secret_value())
    what = f"ordered at each sync for {section.event_days:g} days" if ordered else "none: changes come with a sync"
    yield HealthFinding(Severity.OK, "notifications", what)


def _module(reader: ZohoReader, name: str, wanted: tuple[str, ...]) -> HealthFinding:
    """Return whether a module can be read, and which of its fields are not there."""
    try:
        present = reader.fields(name, again=True)
        rows, _ = next(reader.pages(name, ["id"], None), ([], ""))
        number = reader.count(name)
    except DeliveryError as error:
        do = error.do or "give our user's profile the right to see the module and all of its records"
        return HealthFinding(Severity.FAIL, name, f"cannot be read: {error.given}", do)
    seen = f"{number:,} records" if number is not None else f"{len(rows):,} or more records"
    if missing := [field for field in wanted if field not in present]:
        do = "nothing if the account does not have them, as without an add-on or in one currency"
        return HealthFinding(Severity.WARN, name, f"{seen}; no fields {', '.join(missing)}", do)
    hidden = f", {' and '.join(HIDDEN[name])} ones in lists of their own" if name in HIDDEN else ""
    return HealthFinding(Severity.OK, name, f"{seen}{hidden}")


def _stages(api: ZohoApi) -> HealthFinding:
    """Return whether the stages of deals have a meaning."""
    try:
        found = {stage.meaning for stage in read_stages(api) if stage.object == "Deals"}
    except DeliveryError as error:
        return HealthFinding(Severity.FAIL, "stages", f"cannot be read: {error.given}", error.do or "see above")
    if found >= {StageMeaning.WON, StageMeaning.LOST}:
        return HealthFinding(Severity.OK, "stages", "won and lost by forecast type")
    what = "no stage of deals has the forecast type Closed Won and another Closed Lost: no deal would count"
    return HealthFinding(Severity.FAIL, "stages", what, "set the forecast types in Setup, Modules, Deals, Stage")


def _score_fields(reader: ZohoReader, lead: str) -> Iterator[HealthFinding]:
    try:
        present = reader.fields(lead)
    except DeliveryError as error:
        yield HealthFinding(Severity.FAIL, "scores", f"the fields of {lead} cannot be read: {error.given}", error.do)
        return
    missing = [field.name for field in SCORE_FIELDS if field.name not in present]
    if missing:
        do = "run `leadworth crm connect zoho --create-fields`"
        yield MissingScoreFields(Severity.WARN, "scores", f"{lead} lack {', '.join(missing)}", do)
    for field in SCORE_FIELDS:
        found = present.get(field.name)
        if found is not None and (found.kind != TYPES[field.kind] or not set(field.options) <= found.options.keys()):
            what = f"{field.name} of {lead} has type {found.kind} and the choices {', '.join(found.options) or 'none'}"
            yield HealthFinding(Severity.FAIL, "scores", what, "delete the field in Zoho and connect again")
        elif found is not None and not found.writable:
            do = "give our user's profile the right to edit it"
            yield HealthFinding(Severity.FAIL, "scores", f"{field.name} of {lead} cannot be written", do)
