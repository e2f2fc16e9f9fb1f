"""The report of a business with files: leads, outcomes, scores, index of persons, erasure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from leadworth.encryption import IdentifierCipher
from leadworth.settings import Settings
from reporting.facts.fact_builder import RULES
from serving.personal_data.person_erasure import PersonQuery, erase_person, find_person
from serving.report.fact_refresh import ReportJob, has_leads
from store import lead_facts, person_index
from store.engine import open_engine
from store.migrate import upgrade
from store.report_schema import channel_days, lead_days, outcome_days
from store.timestamps import stamp
from tests.make_bundle import make_bundle
from tests.serving.rescoring.shop import Shop, shop
from tests.store.stored_touches import stored_touches

BUNDLE = make_bundle()
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def day(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


ROWS: list[dict[str, Any]] = [
    {"id": "open", "at": day(10), "email": "ada@acme.example", "source": "fb", "medium": "cpc"},
    {"id": "twin", "at": day(9), "email": "bob@acme.example", "source": "google", "medium": "organic"},
    {"id": "won", "at": day(50), "email": "eve@plant.example", "gclid": "Cj0", "won": day(20), "revenue": "1000"},
    {"id": "lost", "at": day(40), "email": "eve@plant.example", "source": "capterra", "medium": "cpc", "lost": day(5)},
    {"id": "fair", "at": day(3), "entry": "import", "phone": "+39 06 6982", "source": "fair"},
    {"id": "undated", "at": "", "email": "x@y.example"},
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    pd.DataFrame(ROWS).to_csv(tmp_path / "leads.csv", index=False)
    names = ("email", "phone", "source", "medium", "gclid", "entry")
    return Settings(
        folder=tmp_path,
        currency="EUR",
        timezone="Europe/Rome",
        secret="a secret of sixteen",
        leads={"path": "leads.csv", "id": "id", "submitted_at": "at", "columns": {name: name for name in names}},
        outcomes={"won_at": "won", "lost_at": "lost", "revenue": "revenue"},
        mql={"margin": 0.25},
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


def facts(engine: Engine) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        return lead_facts.of_leads(connection, [row["id"] for row in ROWS])


def test_leads_of_files(engine: Engine, settings: Settings) -> None:
    counts = ReportJob(engine, settings, BUNDLE, NOW).run()
    found = facts(engine)
    assert sorted(found) == ["fair", "lost", "open", "twin", "won"]
    assert {lead: row["channel"] for lead, row in found.items()} == {
        "open": "Paid Social",
        "twin": "Organic Search",
        "won": "Paid Search",
        "lost": "Paid Other",
        "fair": "Offline",
    }
    assert counts.people == 5
    assert all(row["win_ppm"] is not None and row["junk_ppm"] is not None for row in found.values())
    won = found["won"]
    assert (won["won_at"], won["revenue_micros"], won["cost_micros"]) == (
        stamp(NOW - timedelta(days=20)),
        10**9,
        75 * 10**7,
    )
    assert won["value_micros"] is None
    assert won["quote_at"] == won["sql_at"] == won["won_at"]  # a won lead had a quote
    assert (found["lost"]["lost_at"], found["lost"]["value_micros"]) == (stamp(NOW - timedelta(days=5)), None)
    assert found["open"]["account_key"] == found["twin"]["account_key"] != ""
    with engine.connect() as connection:
        assert [touch.kind for touch in stored_touches(connection, ["fair"])] == ["event"]


def test_an_import_is_never_an_mql(engine: Engine, settings: Settings) -> None:
    ReportJob(engine, settings, BUNDLE, NOW).run()
    assert facts(engine)["fair"]["mql_at"] is None


def test_a_second_run_changes_no_fact(engine: Engine, settings: Settings) -> None:
    ReportJob(engine, settings, BUNDLE, NOW).run()
    again = ReportJob(engine, settings, BUNDLE, NOW).run()
    assert (again.facts, again.touches, again.people) == (0, 0, 0)


def test_outcomes_change_the_day_of_the_lead_and_not_today(engine: Engine, settings: Settings) -> None:
    ReportJob(engine, settings, BUNDLE, NOW).run()
    table = pd.read_csv(settings.folder / "leads.csv", dtype=str)
    table.loc[table["id"] == "open", ["won", "revenue"]] = [day(0), "70"]
    table.to_csv(settings.folder / "leads.csv", index=False)
    assert ReportJob(engine, settings, BUNDLE, NOW).run().facts == 1
    with engine.connect() as connection:
        rows = list(connection.execute(select(lead_days).where(lead_days.c.channel == "Paid Social")).mappings())
    assert [(row["day"], row["won"], row["revenue_micros"]) for row in rows] == [("2026-05-22", 1, 70_000_000)]


def test_without_a_model_leads_have_no_score(engine: Engine, settings: Settings) -> None:
    ReportJob(engine, settings, None, NOW).run()
    assert {row["win_ppm"] for row in facts(engine).values()} == {None}


def test_without_the_file_the_facts_are_those_of_the_service(engine: Engine, settings: Settings) -> None:
    (settings.folder / "leads.csv").unlink()
    assert not has_leads(settings)
    assert ReportJob(engine, settings, BUNDLE, NOW).run().leads == 0


def test_erasure_finds_leads_that_came_by_a_file_and_they_stay_away(engine: Engine, settings: Settings) -> None:
    ReportJob(engine, settings, BUNDLE, NOW).run()
    cipher = IdentifierCipher.from_settings(settings)
    for query, leads in (
        (PersonQuery(email="Eve@plant.example"), ["lost", "won"]),
        (PersonQuery(phone="+39066982"), ["fair"]),
    ):
        with engine.connect() as connection:
            person = find_person(connection, settings, cipher, query)
        assert person.leads == leads
        erase_person(engine, settings, person, {}, cipher, cipher, lambda *_: None, dry_run=False)
    assert sorted(facts(engine)) == ["open", "twin"]
    with engine.connect() as connection:
        assert stored_touches(connection, ["won", "lost", "fair"]) == []
        assert not any(row["won"] or row["lost"] for row in connection.execute(select(outcome_days)).mappings())
        assert {row["channel"] for row in connection.execute(select(lead_days)).mappings()} == {
            "Paid Social",
            "Organic Search",
        }
    ReportJob(engine, settings, BUNDLE, NOW).run(full=True)
    assert sorted(facts(engine)) == ["open", "twin"]
    older = {"id": "older", "at": day(60), "email": "eve@plant.example"}  # unknown when the person was erased
    pd.DataFrame([*ROWS, older]).to_csv(settings.folder / "leads.csv", index=False)
    ReportJob(engine, settings, BUNDLE, NOW).run()
    with engine.connect() as connection:
        assert not person_index.is_stored(connection, "older")


def test_without_a_model_junk_is_by_the_rules_and_a_model_replaces_it(settings: Settings, engine: Engine) -> None:
    ReportJob(engine, settings, None, NOW).run()
    before = facts(engine)
    assert {fact["model_version"] for fact in before.values()} == {RULES}
    assert all(0 < fact["junk_ppm"] < 1_000_000 and fact["value_micros"] is None for fact in before.values())
    assert before["won"]["revenue_micros"] == 10**9
    ReportJob(engine, settings, BUNDLE, NOW).run()
    assert all(fact["model_version"] != RULES and fact["win_ppm"] is not None for fact in facts(engine).values())


def test_as_of_an_earlier_day_later_leads_and_outcomes_are_left_out(settings: Settings, engine: Engine) -> None:
    ReportJob(engine, settings, BUNDLE, NOW - timedelta(days=25)).run()
    early = facts(engine)
    assert set(early) == {"won", "lost"}
    assert (early["won"]["won_at"], early["won"]["revenue_micros"], early["lost"]["lost_at"]) == (None, None, None)
    assert early["won"]["value_micros"] is not None
    ReportJob(engine, settings, BUNDLE, NOW).run(full=True)
    later = facts(engine)
    assert len(later) == 5
    assert later["won"]["revenue_micros"] == 10**9
    assert later["lost"]["lost_at"] is not None


def crm_sums(business: Shop) -> dict[str, float]:
    """Refresh the report of a business with a CRM, and return its sums."""
    business.night()
    ReportJob(business.engine, business.settings, business.bundle, business.peer.account.clock.now()).run()
    with business.engine.connect() as connection:
        rows = connection.execute(select(channel_days)).mappings().all()
    return {name: sum(row[name] for row in rows) for name in ("leads", "won", "revenue_micros", "open_scored")}


@pytest.mark.parametrize("new_id", [False, True])
def test_leads_that_were_merged_or_deleted_in_the_crm(tmp_path: Path, new_id: bool) -> None:
    BUNDLE.save(tmp_path / "1")
    with shop(tmp_path, tmp_path) as business:
        account = business.peer.account
        ada, also_ada, deleted, gone = (business.lead(name) for name in ("ada", "adele", "bob", "carl"))
        business.lead("dora")
        for lead in (ada, deleted):
            business.deal(lead, "closedwon", amount="1000")
        assert crm_sums(business) == {"leads": 5, "won": 2, "revenue_micros": 2 * 10**9, "open_scored": 3}
        business.peer.batches.merge_makes_new_id = new_id
        business.peer.batches.merge("contacts", {"primaryObjectId": also_ada, "objectIdToMerge": ada})
        account.delete("contacts", deleted)
        account.delete("contacts", gone)
        for _ in range(2):
            assert crm_sums(business) == {"leads": 4, "won": 2, "revenue_micros": 2 * 10**9, "open_scored": 1}
