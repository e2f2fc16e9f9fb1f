"""Webhooks of automation rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm.connector import ForgedEventError
from crm.connectors.odoo.connector import OdooConnector
from leadworth.http_client import HttpClient
from tests.crm.connectors.odoo.odoo_database import running

URL = "https://leads.example.org/v1/crm/odoo/events?secret=s3cret"


@pytest.fixture
def connector(http: HttpClient) -> OdooConnector:
    with running(http) as database:
        return database.connected(event_secret="s3cret")


def _body(**values: Any) -> bytes:
    return json.dumps({"_action": "Webhook(#3)", "_id": 12, "_model": "crm.lead", **values}).encode()


def test_an_event_names_the_record_to_read_again(connector: OdooConnector) -> None:
    [event] = connector.events("POST", URL, {}, _body(write_date="2026-03-01 08:00:00"))
    assert (event.object, event.record_id) == ("crm.lead", "12")
    [again] = connector.events("POST", URL, {}, _body(write_date="2026-03-01 08:00:00"))
    assert again.event_id == event.event_id
    [other] = connector.events("POST", URL, {}, _body(write_date="2026-03-01 08:00:01"))
    assert other.event_id != event.event_id


def test_events_without_a_time_are_not_taken_for_repetitions(connector: OdooConnector) -> None:
    first, second = (connector.events("POST", URL, {}, _body())[0] for _ in range(2))
    assert first.event_id != second.event_id


def test_an_event_of_another_model_is_ignored(connector: OdooConnector) -> None:
    assert connector.events("POST", URL, {}, _body(_model="sale.order")) == []


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (URL.replace("s3cret", "other"), _body()),
        (URL.partition("?")[0], _body()),
        (URL, b"[]"),
        (URL, b"\xff"),
        (URL, _body(_id="12")),
        (URL, _body(_id=True)),
        (URL, _body(_model=None)),
    ],
)
def test_a_forged_event_is_refused(connector: OdooConnector, url: str, body: bytes) -> None:
    with pytest.raises(ForgedEventError):
        connector.events("POST", url, {}, body)


def test_without_a_secret_nothing_is_accepted(http: HttpClient) -> None:
    with running(http) as database, pytest.raises(ForgedEventError, match="event_secret"):
        database.connector.events("POST", URL.replace("s3cret", ""), {}, _body())
