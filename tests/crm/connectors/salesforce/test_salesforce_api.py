"""Sign-in, sessions, limits and errors."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crm.connectors.salesforce.connector import connect
from crm.connectors.salesforce.settings import SalesforceSection
from crm.crm_http import CrmRefusedError, QuotaReachedError
from leadworth.errors import ConfigurationError
from leadworth.fault_injection import Faults, Wait
from leadworth.http_client import HttpClient
from leadworth.http_errors import UnauthorisedError
from tests.crm.connectors.salesforce.org import FIELDS, Org, read_all, running


def test_both_ways_to_sign_in(org: Org) -> None:
    key = org.lead()
    secret = {"private_key": "", "username": "", "consumer_secret": org.peer.sign_in.consumer_secret}
    for settings in ({}, secret):
        connector = org.connector(**settings)
        [record] = read_all(connector, "Lead", FIELDS, None)
        assert record.record_id == key
    assert org.peer.sign_in.signed_in == 2


@pytest.mark.parametrize(
    "settings",
    [{"consumer_key": "other"}, {"username": "other@example.org"}, {"audience": "https://example.org"}],
)
def test_a_refused_assertion_stops(org: Org, settings: dict[str, str]) -> None:
    with pytest.raises(UnauthorisedError, match="invalid_grant"):
        org.connector(**settings).count("Lead")


def test_another_key_is_refused(org: Org) -> None:
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(UnauthorisedError, match="invalid_grant"):
        org.connector(private_key=pem.decode()).count("Lead")


def test_a_session_that_ends_in_the_middle_is_renewed(org: Org) -> None:
    keys = {org.lead(number) for number in range(9)}
    org.peer.page_rows = 1
    org.peer.sign_in.requests_a_session = 3
    assert {record.record_id for record in read_all(org.connector(), "Lead", FIELDS, org.window())} == keys
    assert org.peer.sign_in.signed_in == 4  # describe and nine pages
    connector = org.connector()
    connector.count("Campaign")
    org.peer.sign_in.end_sessions()
    assert connector.count("Lead") == 9


def test_a_session_that_never_holds_is_an_error_not_a_loop(org: Org) -> None:
    org.peer.sign_in.requests_a_session = 0
    with pytest.raises(UnauthorisedError):
        org.connector().count("Lead")
    assert org.peer.sign_in.signed_in == 2


def test_the_quota_of_the_org_stops_the_run_and_nothing_is_repeated(org: Org) -> None:
    org.peer.daily_limit = org.peer.used
    connector = org.connector()
    with pytest.raises(QuotaReachedError, match="24 hours"):
        connector.count("Lead")
    assert connector.requests == 1


def test_a_run_uses_its_share_of_the_quota(org: Org) -> None:
    org.peer.daily_limit = 50
    connector = org.connector(quota_share=0.1)
    for _ in range(4):  # and one describe
        connector.count("Lead")
    with pytest.raises(QuotaReachedError, match="5 requests used of 5"):
        connector.count("Lead")


def test_an_error_names_its_code(org: Org) -> None:
    with pytest.raises(CrmRefusedError, match="NOT_FOUND") as caught:
        org.connector().fields("Nothing__c")
    assert caught.value.code == "NOT_FOUND"


def test_faults_of_the_connection_lose_and_double_nothing(http: HttpClient) -> None:
    faults = Faults(0.3, seed=3, wait=Wait(late=0.01))
    with running(http, faults=faults) as org:
        keys = {org.lead(number) for number in range(30)}
        org.peer.page_rows = 2
        records = read_all(org.connector(), "Lead", FIELDS, org.window())
        assert sorted(record.record_id for record in records) == sorted(keys)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"consumer_secret": "s"}, "no endpoint"),
        ({"private_key": "x"}, "no username"),
        ({"private_key": "x", "username": "u"}, "cannot be read"),
    ],
)
def test_settings_that_do_not_suffice(http: HttpClient, settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        connect(SalesforceSection.model_validate({"consumer_key": "k", **settings}), http, "EUR")


def test_a_private_key_or_a_secret_is_needed() -> None:
    assert SalesforceSection().missing_secrets() == ["consumer_key", "private_key"]
    assert not SalesforceSection.model_validate({"consumer_key": "k"}).in_use()
    assert SalesforceSection.model_validate({"consumer_key": "k", "consumer_secret": "s"}).in_use()
