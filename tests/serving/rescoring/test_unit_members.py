"""The leads of a decision unit are scored together, and only they."""

from __future__ import annotations

from leadworth.crm_records import RecordLink
from tests.serving.rescoring.watched import Watched


def test_a_deal_that_closes_rescores_the_other_leads_of_the_account(crm: Watched) -> None:
    leads = crm.leads(3, company=crm.business.peer.account.create("companies", {"name": "Acme"}))
    others = crm.leads(2)
    deal = crm.business.deal(leads[0], "qualifiedtobuy")
    crm.settle()
    crm.business.peer.account.edit("deals", deal, {"dealstage": "closedlost"})
    crm.deliver()
    batch = crm.work()
    assert (batch.changed, batch.scored) == (1, 2)
    assert crm.written() == sorted(leads[1:])
    assert all(crm.business.held(lead)["lw_model"] == "1" for lead in others)


def test_associations_and_deletions_change_the_account_of_the_others(crm: Watched) -> None:
    account = crm.business.peer.account
    company = account.create("companies", {"name": "Acme"})
    [ada] = crm.leads(1, company=company)
    [bob] = crm.leads(1)
    crm.settle()
    account.link("contacts", bob, RecordLink("companies", company, "primary"))
    crm.deliver(reverse=True)
    assert crm.work().scored == 2
    account.unlink("contacts", bob, RecordLink("companies", company, "primary"))
    crm.deliver()
    assert crm.work().scored == 2
    account.link("contacts", bob, RecordLink("companies", company, "primary"))
    crm.deliver()
    crm.work()
    crm.business.peer.account.writes.clear()
    account.delete("contacts", ada)
    crm.deliver()
    batch = crm.work()
    assert (batch.changed, batch.scored) == (1, 1)
    assert crm.mirrored("contacts", ada).values == {}
