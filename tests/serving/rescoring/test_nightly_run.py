"""Nightly rescoring against the local HubSpot account, with the real store and a small bundle."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from crm.connectors.hubspot.connector import HubSpotConnector
from crm.crm_connection import open_connector
from leadworth.crm_records import RecordWriteResult, ScoreRow
from leadworth.errors import ConfigurationError
from serving.rescoring.nightly_run import NightlyResult, run_nightly
from tests.serving.rescoring.shop import OURS, Shop, shop


@pytest.fixture
def business(tmp_path: Path, bundles: Path) -> Iterator[Shop]:
    with shop(tmp_path, bundles) as made:
        yield made


def test_open_leads_get_the_scores_of_the_model_and_no_other_field_is_touched(business: Shop) -> None:
    ada, bob, eve = business.lead("ada"), business.lead("bob"), business.lead("eve")
    business.deal(bob, "closedlost")
    business.deal(eve, "qualifiedtobuy")
    result = business.night()
    assert result.undone == []
    assert (result.writes.written, len(result.scores.table)) == (2, 2)
    assert business.held(bob) == {}
    table = result.scores.table.set_index("lead_id")
    for lead in (ada, eve):
        held = business.held(lead)
        assert float(str(held["lw_win_probability"])) == pytest.approx(table.loc[lead, "win_probability"], abs=5e-5)
        assert float(str(held["lw_predicted_value"])) == pytest.approx(table.loc[lead, "predicted_value"], abs=5e-3)
        assert (held["lw_model"], held["lw_currency"]) == ("1", "EUR")
    assert {name for write in business.peer.account.writes for name in write.values} <= OURS


def test_a_second_run_reads_its_own_echo_and_writes_nothing(business: Shop) -> None:
    for name in ("ada", "bob", "eve"):
        business.lead(name)
    assert business.night().writes.written == 3
    second = business.night()
    assert (second.writes.written, second.writes.unchanged, second.undone) == (0, 3, [])
    assert len(business.peer.account.writes) == 3


def test_leads_of_one_company_are_worth_one_deal(business: Shop) -> None:
    ids = [business.lead(f"p{number}", "acme") for number in range(7)]
    alone = business.lead("solo")
    result = business.night()
    assert result.scores.units == 2
    table = result.scores.table.set_index("lead_id")
    one = table.loc[ids]
    expected = (1 - np.prod(1 - one["win_probability"])) / one["win_probability"].sum() * one["predicted_value"].sum()
    held = sum(float(str(business.held(lead)["lw_predicted_value"])) for lead in ids)
    assert held == pytest.approx(expected, abs=0.05)
    assert float(str(table.loc[alone, "account_value"])) == float(str(table.loc[alone, "predicted_value"]))


def test_a_run_that_was_killed_while_it_wrote_is_completed_by_the_next(
    business: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [business.lead(f"p{number}") for number in range(5)]
    write = HubSpotConnector.write

    def killed(self: HubSpotConnector, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        write(self, object_name, rows)
        raise KeyboardInterrupt

    monkeypatch.setattr(HubSpotConnector, "write_rows", 2)
    monkeypatch.setattr(HubSpotConnector, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        business.night()
    monkeypatch.setattr(HubSpotConnector, "write", write)
    assert business.night().writes.written == 5
    assert all(business.held(lead) for lead in leads)
    assert business.night().writes.written == 0


def test_a_row_that_the_crm_refuses_is_named_and_costs_no_other(business: Shop) -> None:
    kept, gone = business.lead("ada"), business.lead("bob")
    business.night(write_back=False)
    business.peer.account.delete("contacts", gone)
    result = business.night(synchronise=False)
    assert (result.writes.written, result.writes.refused.total()) == (1, 1)
    assert result.undone == ["the CRM refused scores: 1 OBJECT_NOT_FOUND"]
    assert "--retry-refused" in result.remedy
    assert business.held(kept)


def test_of_two_runs_at_once_the_second_finds_all_done(business: Shop) -> None:
    leads = [business.lead(f"p{number}") for number in range(5)]
    results: list[NightlyResult] = []
    threads = [threading.Thread(target=lambda: results.append(business.night())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted((result.writes.written, result.writes.unchanged) for result in results) == [(0, 5), (5, 0)]
    assert sorted(write.record_id for write in business.peer.account.writes) == sorted(leads)


def test_scores_that_a_person_edits_or_clears_are_written_again(business: Shop) -> None:
    edited, cleared, left = (business.lead(name) for name in ("ada", "bob", "eve"))
    business.night()
    before = business.held(edited)
    business.peer.account.edit("contacts", edited, {"lw_band": "A" if before["lw_band"] != "A" else "B"})
    business.peer.account.edit("contacts", cleared, {"lw_win_probability": None})
    business.peer.account.edit("contacts", left, {"jobtitle": "CTO"})
    assert business.night().writes.written == 2
    assert business.held(edited)["lw_band"] == before["lw_band"]
    assert business.held(cleared)["lw_win_probability"]
    assert business.night().writes.written == 0


def test_a_score_field_that_was_removed_and_created_again_is_filled_again(business: Shop) -> None:
    lead = business.lead("ada")
    business.night()
    business.peer.objects.rules_of("contacts").removed.add("lw_band")
    del business.peer.account.of("contacts")[lead].values["lw_band"]
    with pytest.raises(ConfigurationError, match="has no fields lw_band"):
        business.night()
    with open_connector(business.settings, "hubspot") as connector:
        connector.create_score_fields("contacts")
    assert business.night().writes.written == 1
    assert business.held(lead)["lw_band"]


def test_a_dry_run_stores_and_writes_nothing(business: Shop) -> None:
    lead = business.lead("ada")
    business.night(write_back=False)
    before = business.peer.requests
    result = business.night(dry_run=True)
    assert [row.record_id for row, _ in result.changes] == [lead]
    assert business.held(lead) == {}
    assert business.peer.requests > before
    assert business.night().writes.written == 1


def test_missing_fields_and_other_sources_are_told_with_the_remedy(tmp_path: Path, bundles: Path) -> None:
    with shop(tmp_path, bundles, fields=False) as business:
        business.lead("ada")
        with pytest.raises(ConfigurationError, match="crm connect hubspot --create-fields"):
            business.night()
        assert business.night(write_back=False).changes
        files = business.settings.model_copy(
            update={"leads": business.settings.leads.model_copy(update={"path": "leads.csv"})}
        )
        with pytest.raises(ConfigurationError, match="not a CRM"):
            run_nightly(files, business.bundle, business.engine)


def test_the_clock_of_the_run_is_that_of_the_score(business: Shop) -> None:
    lead = business.lead("ada")
    business.night()
    at = datetime.fromisoformat(str(business.held(lead)["lw_scored_at"]).replace("Z", "+00:00"))
    assert abs(at - business.peer.account.clock.now().astimezone(UTC)) < timedelta(minutes=10)
