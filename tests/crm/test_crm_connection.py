from __future__ import annotations

import pytest

from crm.crm_connection import open_connector
from leadworth.errors import ConfigurationError
from leadworth.settings import Settings

SETTINGS = Settings(currency="EUR", leads={})


def test_an_unknown_crm_names_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="hubspot"), open_connector(SETTINGS, "hubspott"):
        pass


def test_missing_credentials_are_named_with_their_variable_and_needed_only_online() -> None:
    with pytest.raises(ConfigurationError, match="LEADWORTH_CRM__HUBSPOT__TOKEN"), open_connector(SETTINGS, "hubspot"):
        pass
    with open_connector(SETTINGS, "hubspot", offline=True) as connector:
        assert (connector.lead_object, connector.requests) == ("contacts", 0)
