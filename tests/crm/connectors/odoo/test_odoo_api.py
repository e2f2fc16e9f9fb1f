"""Calls to Odoo by both interfaces, and its errors."""

from __future__ import annotations

import pytest

from crm.connectors.odoo.odoo_api import OdooApi
from crm.connectors.odoo.settings import OdooSection
from crm.crm_http import CrmRefusedError
from leadworth.errors import ConfigurationError
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnauthorisedError
from tests.crm.connectors.odoo.odoo_database import Database, running


def _api(database: Database, **values: str) -> OdooApi:
    return OdooApi(database.http, OdooSection.model_validate({**database.peer.settings(database.address), **values}))


@pytest.mark.parametrize(("version", "interface"), [(19, "json2"), (20, "json2"), (18, "jsonrpc"), (16, "jsonrpc")])
def test_the_interface_follows_from_the_version(http: HttpClient, version: int, interface: str) -> None:
    with running(http, version) as database:
        assert database.api.interface == interface
        assert database.api.version == (version, f"{version}.0")
        assert database.api.user == 7


def test_both_interfaces_give_the_same_values(any_database: Database) -> None:
    lead = int(any_database.lead(email_from="a@example.org", outcome_stage="lost"))
    api = any_database.api
    assert api.call("crm.lead", "search", domain=[["active", "=", False]]) == [lead]
    assert api.call("crm.lead", "search_count", domain=[]) == 1
    [row] = api.call("crm.lead", "search_read", domain=[], fields=["email_from", "website", "stage_id"])
    assert row == {"id": lead, "email_from": "a@example.org", "website": False, "stage_id": [1, "New"]}


def test_every_call_asks_for_archived_records(any_database: Database) -> None:
    any_database.lead(outcome_stage="lost")
    assert any_database.connector.count("crm.lead") == 1
    assert all(context["active_test"] is False for _, _, context in any_database.peer.calls)
    hidden = any_database.api.call("crm.lead", "search", domain=[], context={"active_test": True})
    assert hidden == []


def test_a_wrong_key_stops_at_once(any_database: Database) -> None:
    api = _api(any_database, key="wrong", interface=any_database.api.interface)
    with pytest.raises(UnauthorisedError, match="refused the credentials"):
        api.call("crm.lead", "search", domain=[])
    assert api.http.requests == 1


def test_a_key_that_ends_in_the_middle_of_a_run_stops_it(any_database: Database) -> None:
    any_database.api.call("crm.lead", "search", domain=[])
    any_database.peer.keys.clear()
    with pytest.raises(UnauthorisedError):
        any_database.api.call("crm.lead", "search", domain=[])


def test_an_error_with_the_status_200_is_an_error(http: HttpClient) -> None:
    with running(http, 18) as database:
        with pytest.raises(CrmRefusedError, match="ValueError") as caught:
            database.api.call("crm.lead", "search_read", domain=[], fields=["secret@example.org"])
        assert "example.org" not in str(caught.value)


def test_a_missing_right_is_told_from_a_wrong_key(any_database: Database) -> None:
    any_database.peer.methods.is_administrator = False
    with pytest.raises(UnauthorisedError) as caught:
        any_database.api.call("mail.tracking.value", "search_count", domain=[])
    assert caught.value.code == "AccessError"


def test_a_transaction_that_met_another_one_is_repeated(any_database: Database) -> None:
    lead = any_database.lead()
    any_database.peer.conflicts = 2
    assert any_database.api.call("crm.lead", "search", domain=[]) == [int(lead)]
    any_database.peer.conflicts = 99
    with pytest.raises(BusyError, match="SerializationFailure"):
        any_database.api.call("crm.lead", "search", domain=[])


def test_the_address_is_needed(http: HttpClient) -> None:
    with pytest.raises(ConfigurationError, match="endpoint"):
        OdooApi(http, OdooSection.model_validate({"key": "k"})).call("crm.lead", "search", domain=[])
