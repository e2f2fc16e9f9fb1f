"""Meaning of stages, by forecast type."""

from __future__ import annotations

import pytest

from leadworth.crm_records import StageMeaning
from tests.crm.connectors.zoho.zoho_world import ZohoWorld


@pytest.mark.parametrize("in_fields", [True, False])
def test_stages_mean_what_their_forecast_type_says(world: ZohoWorld, in_fields: bool) -> None:
    world.peer.forecast_in_fields = in_fields
    stages = [stage for stage in world.connector().stages() if stage.object == "Deals"]
    assert {stage.value: stage.meaning for stage in stages} == {
        "Qualification": StageMeaning.OPEN,
        "Proposal/Price Quote": StageMeaning.OPEN,
        "Negotiation/Review": StageMeaning.OPEN,
        "Closed Won": StageMeaning.WON,
        "Closed Lost": StageMeaning.LOST,
        "Closed-Lost to Competition": StageMeaning.LOST,
    }
    assert [stage.order for stage in stages] == list(range(6))
    assert {stage.pipeline for stage in stages} == ({""} if in_fields else {"Standard"})


def test_of_the_lead_statuses_only_those_of_zoho_itself_have_a_meaning(world: ZohoWorld) -> None:
    statuses = {stage.value: stage.meaning for stage in world.connector().stages() if stage.object == "Leads"}
    lost = {value for value, meaning in statuses.items() if meaning is StageMeaning.LOST}
    assert lost == {"Junk Lead", "Lost Lead", "Not Qualified"}
    assert "-None-" not in statuses
