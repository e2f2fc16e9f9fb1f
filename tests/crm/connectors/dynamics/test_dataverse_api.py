"""Sign-in, tokens, limits and errors."""

from __future__ import annotations

import pytest

from crm.connectors.dynamics.settings import DynamicsSection
from crm.crm_http import CrmRefusedError
from leadworth.errors import ConfigurationError
from leadworth.fault_injection import Faults, Wait
from leadworth.http_client import HttpClient
from leadworth.http_errors import UnauthorisedError
from tests.crm.connectors.dynamics.environment import FIELDS, Environment, read_all, running_environment


def test_a_token_is_used_until_it_is_refused_and_renewed_once(environment: Environment) -> None:
    connector = environment.connector()
    connector.count("lead")
    connector.count("account")
    assert environment.peer.signed_in == 1
    environment.peer.end_sessions()
    assert connector.count("lead") == 0
    assert environment.peer.signed_in == 2


def test_wrong_credentials_and_missing_rights(environment: Environment) -> None:
    with pytest.raises(UnauthorisedError):
        environment.connector(client_secret="other").count("lead")
    environment.peer.reads_all = False
    with pytest.raises(UnauthorisedError, match="0x80040220"):
        environment.connector().count("lead")


def test_an_unknown_table_names_the_code(environment: Environment) -> None:
    with pytest.raises(CrmRefusedError, match="0x80060888") as caught:
        environment.connector().fields("nothing")
    assert "Could not find an entity" in caught.value.about


def test_settings_that_do_not_suffice(environment: Environment) -> None:
    with pytest.raises(ConfigurationError, match="has no tenant, client_id"):
        environment.connector(tenant="", client_id="")
    assert DynamicsSection().missing_secrets() == ["client_secret"]


def test_faults_of_the_connection_lose_and_double_nothing(http: HttpClient) -> None:
    with running_environment(http, Faults(0.3, seed=5, wait=Wait(late=0.01))) as environment:
        keys = {environment.lead(number) for number in range(20)}
        environment.peer.page_rows = 2
        records = read_all(environment.connector(), "lead", FIELDS, environment.window())
        assert sorted(record.record_id for record in records) == sorted(keys)
