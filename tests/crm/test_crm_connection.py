from __future__ import annotations

import pytest

from crm.crm_connection import naming_crm, open_connector
from leadworth.errors import ConfigurationError, DeliveryError
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.settings import Settings

SETTINGS = Settings(currency="EUR", leads={})


def test_an_unknown_crm_names_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="hubspot"), open_connector(SETTINGS, "hubspott"):
        pass


def test_errors_of_requests_name_the_crm_and_the_command_that_finds_the_cause() -> None:
    for error in (BusyError("ConnectError"), UnansweredError("ReadTimeout"), UnauthorisedError("HTTP 401")):
        with pytest.raises(DeliveryError) as raised, naming_crm("hubspot"):
            raise error
        assert raised.value.given.startswith("HubSpot: the other system")
        assert "leadworth crm doctor hubspot" in raised.value.do


def test_missing_credentials_are_named_with_their_variable_and_needed_only_online() -> None:
    with pytest.raises(ConfigurationError, match="LEADWORTH_CRM__HUBSPOT__TOKEN"), open_connector(SETTINGS, "hubspot"):
        pass
    with open_connector(SETTINGS, "hubspot", offline=True) as connector:
        assert (connector.lead_object, connector.requests) == ("contacts", 0)
