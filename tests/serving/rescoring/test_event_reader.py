"""Records of webhooks read into the mirror, and the leads that they concern."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector
from leadworth.crm_records import RecordEvent
from leadworth.http_errors import BusyError
from store import crm_events
from tests.serving.rescoring.watched import Watched


def test_own_writes_and_repeated_events_do_nothing(crm: Watched) -> None:
    [ada] = crm.leads(1)
    crm.settle()
    crm.edit(ada, numemployees=900)
    assert crm.deliver() == 1
    assert crm.work().requests == 1
    assert crm.written() == [ada]
    assert crm.deliver() == 0  # events of our own fields
    echo = RecordEvent("echo", "contacts", ada, crm.now())
    with crm.business.engine.begin() as connection:
        assert crm_events.add(connection, "hubspot", [echo, echo], crm.now()) == 1
    batch = crm.work()
    assert (batch.events, batch.changed, batch.requests, batch.scored) == (1, 0, 0, 0)
    assert crm.written() == [ada]


def test_a_merge_leaves_one_lead(crm: Watched) -> None:
    ada, bob = crm.leads(2)
    deal = crm.business.deal(bob, "qualifiedtobuy")
    crm.settle()
    crm.business.peer.account.merge("contacts", ada, bob)
    crm.deliver()
    batch = crm.work()
    assert (batch.scored, crm.written()) == (1, [ada])
    crm.business.peer.account.edit("deals", deal, {"dealstage": "closedlost"})
    crm.deliver()
    batch = crm.work()
    assert (batch.requests, batch.scored) == (1, 0)


def test_a_crm_that_is_away_is_asked_later_and_costs_no_other_object(
    crm: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = crm.leads(2)
    deal = crm.business.deal(bob, "qualifiedtobuy")
    crm.settle()
    crm.edit(ada, numemployees=100_000)
    crm.business.peer.account.edit("deals", deal, {"amount": 5_000})
    crm.deliver()
    read = HubSpotConnector.read

    def away(self: HubSpotConnector, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> object:
        if object_name == "contacts":
            raise BusyError("HubSpot is busy")
        return read(self, object_name, ids, fields)

    with monkeypatch.context() as patched:
        patched.setattr(HubSpotConnector, "read", away)
        batch = crm.work()
        assert (batch.events, batch.changed) == (1, 1)
        assert "1 events of contacts wait: the other system is busy" in batch.failures[0]
        assert crm.written() == [bob]
    assert crm.work().changed == 1
    assert crm.written() == sorted([ada, bob])
