from __future__ import annotations

import pytest

from crm.lead_history import read_history
from leadworth.crm_records import CrmStage, RecordLink, StageMeaning
from leadworth.errors import InputError
from tests.crm.crm_world import OUTCOMES, CrmWorld


def test_a_deal_that_was_moved_back_is_open(crm: CrmWorld) -> None:
    lead = crm.lead()
    deal = crm.deal(lead)
    crm.move(deal, "won")
    crm.move(deal, "open")
    crm.sync()
    outcome = crm.outcomes()[lead]
    assert (outcome["won"], outcome["lost"]) == (False, False)
    won_at = crm.move(deal, "won")
    crm.sync()
    outcome = crm.outcomes()[lead]
    assert (outcome["won"], outcome["won_at"], outcome["revenue"]) == (True, won_at, 100.0)


def test_a_lost_deal_that_is_won_later_is_won(crm: CrmWorld) -> None:
    lead = crm.lead()
    deal = crm.deal(lead)
    crm.move(deal, "lost")
    won_at = crm.move(deal, "won", amount=250.0)
    crm.sync()
    outcome = crm.outcomes()[lead]
    assert (outcome["won"], outcome["lost"], outcome["won_at"], outcome["revenue"]) == (True, False, won_at, 250.0)
    assert [stage for stage, _ in outcome["stages"]] == ["Open", "Lost", "Won"]


def test_a_deal_of_several_leads_counts_once(crm: CrmWorld) -> None:
    first, second = crm.lead(), crm.lead()
    crm.move(crm.deal(first, second), "won")
    crm.sync()
    assert [row["revenue"] for row in crm.outcomes().values()] == [50.0, 50.0]


def test_the_outcome_of_a_merged_lead_follows_to_the_survivor(crm: CrmWorld) -> None:
    first, second = crm.lead(), crm.lead()
    crm.move(crm.deal(second), "won")
    crm.sync()
    crm.account.merge("leads", first, second)
    crm.sync()
    history = read_history(crm.settings)
    assert history.leads["lead_id"].tolist() == [first]
    assert crm.outcomes()[first]["won"]


def test_leads_closed_by_their_own_status_need_no_deal(crm: CrmWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = [*crm.connector.stages(), CrmStage("leads", "Junk", "Disqualified", StageMeaning.LOST)]
    monkeypatch.setattr(crm.connector, "stages", lambda: stages)
    lead, other, with_deal = crm.lead(status="New"), crm.lead(status="New"), crm.lead(status="Junk")
    crm.deal(with_deal)
    crm.sync()
    crm.later()
    crm.account.edit("leads", lead, {"status": "Junk"})
    at = crm.clock.now()
    crm.sync()
    outcomes = crm.outcomes()
    assert (outcomes[lead]["lost"], outcomes[lead]["lost_at"]) == (True, at)
    assert other not in outcomes
    assert not outcomes[with_deal]["lost"]


def test_a_deal_that_names_no_lead_is_that_of_its_person(crm: CrmWorld) -> None:
    lead, other = crm.lead(), crm.lead()
    deal = crm.deal()
    person = crm.account.create("people", {})
    crm.account.link("people", person, RecordLink("leads", lead))
    crm.account.link("people", person, RecordLink("deals", deal))
    crm.move(deal, "won")
    crm.sync()
    outcomes = crm.outcomes()
    assert outcomes[lead]["won"]
    assert other not in outcomes


def test_amounts_in_two_currencies_are_converted_or_refused_and_never_added(crm: CrmWorld) -> None:
    euro, dollar = crm.lead(), crm.lead(email="bob@example.net")
    for lead, currency in ((euro, "EUR"), (dollar, "USD")):
        deal = crm.deal(lead, amount=100.0, currency=currency)
        crm.move(deal, "won")
    crm.sync()
    given = crm.settings.outcomes.model_validate({**OUTCOMES, "currency": "currency"})
    crm.settings = crm.settings.model_copy(update={"outcomes": given, "currencies": {"USD": 0.5}})
    assert {key: row["revenue"] for key, row in crm.outcomes().items()} == {euro: 100.0, dollar: 50.0}
    crm.settings = crm.settings.model_copy(update={"currencies": {}})
    with pytest.raises(InputError, match="USD"):
        crm.outcomes()
