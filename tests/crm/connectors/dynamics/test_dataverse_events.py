"""Webhooks of Dataverse."""

from __future__ import annotations

import json

import pytest

from crm.connector import ForgedEventError
from crm.connectors.dynamics.dataverse_account import APPLICATION_ID, PERSON_ID
from tests.crm.connectors.dynamics.environment import Environment


def context(author: str) -> bytes:
    body = {
        "MessageName": "Update",
        "PrimaryEntityName": "lead",
        "PrimaryEntityId": "44444444-0000-4000-8000-00000000000A",
        "InitiatingUserId": author,
        "OperationId": "op-1",
        "OperationCreatedOn": "/Date(1764288000000)/",
    }
    return json.dumps(body).encode()


def test_events_with_the_secret_name_their_record_and_own_ones_nothing(environment: Environment) -> None:
    connector = environment.connector(event_secret="s3")
    url = "https://example.org/v1/crm/dynamics/events"
    [event] = connector.events("POST", url, {"x-leadworth-secret": "s3"}, context(PERSON_ID))
    assert (event.event_id, event.object) == ("op-1:Update:44444444-0000-4000-8000-00000000000A", "lead")
    assert event.record_id == "44444444-0000-4000-8000-00000000000a"
    assert connector.events("POST", f"{url}?code=s3", {}, context(PERSON_ID)) == [event]
    assert connector.events("POST", f"{url}?code=s3", {}, context(APPLICATION_ID.upper())) == []
    secret = {"x-leadworth-secret": "s3"}
    for body, headers in ((context(PERSON_ID), {}), (b"{}", secret), (b"[", secret)):
        with pytest.raises(ForgedEventError):
            connector.events("POST", url, headers, body)
    with pytest.raises(ForgedEventError):
        environment.connector().events("POST", url, {"x-leadworth-secret": ""}, context(PERSON_ID))
