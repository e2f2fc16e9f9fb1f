"""The whole page from the store: figures, states, budget, links, and no amount without the scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, event, update

from leadworth.settings import LeadsSource, OutcomesSource, Settings
from reporting.page.html_page import render_html
from reporting.page.page_model import Quantity, ReportPage, Unit
from reporting.views.drill_figures import drill_down_of
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page, figures_of
from reporting.views.said_then import NoSnapshotError
from store import crm_runs, decision_log, report_refreshes
from store.crm_runs import RunResult, SyncRun
from store.engine import open_engine
from store.figure_snapshots import FigureSnapshot, store_snapshots
from store.migrate import upgrade
from store.report_refreshes import ReportRefresh
from store.report_schema import data_imports, response_bins
from tests.reporting.make_facts import NOW, MadeFacts, insert_facts, random_facts
from tests.store.rows import decision_row


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def made(connection: Connection) -> MadeFacts:
    made = random_facts(3, leads=800, days=150)
    insert_facts(connection, made)
    connection.commit()
    return made


def settings_of(folder: Path, **report: object) -> Settings:
    return Settings(currency="EUR", timezone="Europe/Rome", leads={}, report=report, folder=folder)


def page_of(connection: Connection, tmp_path: Path, query: ReportFilters | None = None, **rest: object) -> ReportPage:
    rest = {"money": True, "now": NOW, **rest}
    return build_page(connection, settings_of(tmp_path), query or ReportFilters(), **rest)


def test_the_page_has_all_blocks(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    page = page_of(connection, tmp_path)
    html = render_html(page)
    assert len(page.cards) == 4
    assert page.cohorts is not None
    assert page.hand_over is not None
    assert page.revenue_change is not None
    assert len(page.attribution) >= 4
    assert 10 < html.count("data-figure=") < 25
    days = [row for row in made.leads if "2026-08-31" <= row["day"] <= "2026-11-28"]
    [genuine] = [row.figure for row in page.ladder if row.figure.metric == "genuine_leads"]
    assert genuine.quantity is not None
    assert genuine.quantity.value == sum(1e6 - row["junk_ppm"] for row in days if row["junk_ppm"] is not None) / 1e6


def test_a_crm_that_is_no_longer_read_is_stale_though_the_facts_are_new(
    connection: Connection, made: MadeFacts, tmp_path: Path
) -> None:
    at = NOW - timedelta(days=10)
    for crm in ("hubspot", "odoo"):
        crm_runs.add(connection, crm, SyncRun(at, at, 1, 1, RunResult.COMPLETE))
    settings = settings_of(tmp_path)
    mirrored = settings.model_copy(update={"leads": LeadsSource(path="crm:hubspot")})
    page = build_page(connection, mirrored, ReportFilters(), money=True, now=NOW)
    assert [(age.source, age.age_days) for age in page.sources if age.stale and age.at == at] == [("HubSpot", 10)]
    assert "HubSpot" not in {age.source for age in page_of(connection, tmp_path).sources}


def test_leads_of_files_are_as_old_as_the_files(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    at = NOW - timedelta(days=10)
    refresh = ReportRefresh("2026-01-01", NOW, NOW + timedelta(seconds=1), 1, 1, "EUR", at)
    report_refreshes.add(connection, refresh)
    outcomes = OutcomesSource(path="data/deals.csv")
    settings = settings_of(tmp_path).model_copy(update={"leads": LeadsSource(path="leads.csv"), "outcomes": outcomes})

    def ages(settings: Settings) -> dict[str, object]:
        page = build_page(connection, settings, ReportFilters(), money=True, now=NOW)
        return {age.source: age.at for age in page.sources if age.source not in ("Google Ads", "Meta", "GA4")}

    assert ages(settings) == {"leads.csv, deals.csv": at}
    one = settings.model_copy(update={"outcomes": OutcomesSource(path="leads.csv")})
    assert ages(one) == {"leads.csv": at}
    moved = settings.model_copy(update={"leads": LeadsSource(path="crm:odoo"), "outcomes": OutcomesSource()})
    made_at = refresh.ended_at
    assert ages(moved) == {"Leads": made_at}
    decision_log.insert(connection, [decision_row("A")])
    assert ages(settings) == {"Leads": made_at, "leads.csv, deals.csv": at}


def test_a_period_that_has_not_begun_has_its_days_and_is_compared_with_none(
    connection: Connection, made: MadeFacts, tmp_path: Path
) -> None:
    page = page_of(connection, tmp_path, ReportFilters(period="2027-Q2"))
    assert (page.first_day, page.last_day) == (date(2027, 4, 1), date(2027, 6, 30))
    assert page.compared is None
    assert page.revenue_change is None


def test_nothing_yet_says_what_to_import(connection: Connection, tmp_path: Path) -> None:
    page = page_of(connection, tmp_path)
    assert page.cards == ()
    assert page.ladder == ()
    assert page.channels.rows == ()
    assert page.cohorts is None
    assert len([notice for notice in page.notices if notice.command]) == 3
    assert "data-figure" not in render_html(page)


def test_without_outcomes_channels_stand_by_genuine_cost(connection: Connection, tmp_path: Path) -> None:
    made = random_facts(3, leads=300, days=90)
    stages = ("sql_at", "quote_at", "won_at", "lost_at", "revenue_micros", "cost_micros")
    leads = [{**row, **dict.fromkeys(stages), "value_micros": 1} for row in made.leads]
    insert_facts(connection, replace(made, leads=leads))
    page = page_of(connection, tmp_path)
    assert {row.figure.metric for row in page.channels.rows} == {"genuine_cpl"}
    assert [card.figure.metric for card in page.cards] == ["genuine_cpl", "genuine_leads", "junk_share"]
    assert any("No outcomes yet" in notice.message.text for notice in page.notices)


def test_without_spend_channels_stand_by_value(connection: Connection, tmp_path: Path) -> None:
    insert_facts(connection, replace(random_facts(3, leads=300, days=90), spend=[]))
    page = page_of(connection, tmp_path)
    assert {row.figure.metric for row in page.channels.rows} == {"value_per_lead"}
    [returned] = [card.figure for card in page.cards if card.figure.metric == "return_on_marketing"]
    assert returned.quantity is None
    assert returned.note is not None


def test_spend_without_a_country_withholds_the_return_in_one(
    connection: Connection, made: MadeFacts, tmp_path: Path
) -> None:
    page = page_of(connection, tmp_path, ReportFilters(country=("IT",)))
    [returned] = [card.figure for card in page.cards if card.figure.metric == "return_on_marketing"]
    assert returned.quantity is None
    assert any("does not say its country" in notice.message.text for notice in page.channels.notices)


def test_verdicts_name_campaigns_and_both_sides_of_a_comparison(connection: Connection, tmp_path: Path) -> None:
    made = random_facts(3, leads=800, days=150)
    poor = {"revenue_micros": 1, "value_micros": 1}
    weak = [{**row, **poor} if row["channel"] == "Paid Social" and row["won_at"] else row for row in made.leads]
    insert_facts(connection, replace(made, leads=weak))
    page = page_of(connection, tmp_path)
    verdicts = {row.name: row.verdict for row in page.channels.rows if row.verdict is not None}
    better = [name for name, text in verdicts.items() if text.text.startswith("better than")]
    assert better
    for name in better:
        loser = verdicts[str(verdicts[name].values["channel"])]
        assert loser.text.startswith(("returns less than", "better than", "not distinguishable"))
    assert any(text.text.startswith("returns less than") for text in verdicts.values())
    keys = {row["campaign_key"] for row in made.spend}
    named = [row.verdict for row in page.channels.campaigns if row.verdict is not None]
    assert not any(text.values.get("channel") in keys for text in named)


def test_a_stale_source_ends_the_period_and_is_named(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    ends = update(data_imports).where(data_imports.c.kind == "spend").values(last_day="2026-10-31")
    connection.execute(ends)
    page = page_of(connection, tmp_path)
    assert (page.first_day, page.last_day) == (date(2026, 8, 31), date(2026, 10, 31))
    assert page.notices[0].message.values == {"day": date(2026, 10, 31), "source": "Google Ads"}
    figures = {row.figure.metric: row.figure for row in page.ladder}
    note = figures["cac"].note
    assert note is not None
    assert note.text == "{source} until {day}"
    assert figures["genuine_leads"].note is None
    behind = drill_down_of(connection, settings_of(tmp_path), ReportFilters(), "genuine_leads", NOW)
    assert figures["genuine_leads"].quantity is not None
    assert figures["genuine_leads"].quantity.value == pytest.approx(behind.value)


def test_young_leads_have_no_change_of_revenue(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    [young] = [row.figure for row in page_of(connection, tmp_path).ladder if row.figure.metric == "revenue"]
    assert young.change is None
    assert young.note is not None
    filters = ReportFilters(view="calendar")
    [by_day] = [row.figure for row in page_of(connection, tmp_path, filters).ladder if row.figure.metric == "revenue"]
    assert by_day.change is not None
    assert by_day.note is None


def test_spend_without_a_rate_is_named_and_not_left_out(connection: Connection, tmp_path: Path) -> None:
    made = random_facts(3, leads=800, days=150)
    dollars = {"currency": "USD", "converted_micros": None}
    insert_facts(
        connection,
        replace(made, spend=[{**row, **(dollars if row["channel"] == "Paid Social" else {})} for row in made.spend]),
    )
    page = page_of(connection, tmp_path)
    figures = {
        figure.metric: figure
        for figure in (*(card.figure for card in page.cards), *(row.figure for row in page.ladder))
    }
    for name in ("return_on_marketing", "genuine_cpl", "cac"):
        assert figures[name].quantity is None
        assert figures[name].note is not None
        assert figures[name].note.text == "some spend is in a currency without a rate"
    assert figures["impressions"].quantity is not None
    rows = {row.name: row for row in page.channels.rows}
    spent = sum(
        row["cost_micros"] for row in made.spend if row["channel"] == "Paid Social" and row["day"] >= "2026-08-31"
    )
    assert rows["Paid Social"].columns["spend"] == Quantity(spent / 1e6, Unit.MONEY, "USD")
    assert rows["Paid Social"].figure.quantity is None
    assert rows["Paid Search"].figure.quantity is not None
    [named] = [notice for notice in page.channels.notices if "no rate" in notice.message.text]
    assert named.message.values["amount"] == Quantity(spent / 1e6, Unit.MONEY, "USD")
    hidden = page_of(connection, tmp_path, money=False)
    assert not any("amount" in notice.message.values for notice in hidden.channels.notices)


def test_predictions_that_missed_are_not_shown(connection: Connection, tmp_path: Path) -> None:
    made = random_facts(3, leads=900, days=700)
    leads = [{**row, "submit_win_ppm": 1_000} for row in made.leads]
    insert_facts(connection, replace(made, leads=leads))
    page = page_of(connection, tmp_path)
    assert any("nothing is predicted" in notice.message.text for notice in page.notices)
    assert all(row.predicted == 0 for row in page.channels.rows)
    assert page.cohorts is not None
    assert all(bar.predicted == 0 for bar in page.cohorts.bars)


def test_parts_of_blocks_add_up(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    page = page_of(connection, tmp_path)
    change = page.revenue_change
    assert change is not None
    assert sum(part.amount for part in change.parts) == pytest.approx(change.after - change.before, abs=1e-6)
    for model in page.attribution[0].amounts:
        assert sum(row.amounts[model] for row in page.attribution) == pytest.approx(change.after, abs=1e-6)


def test_goals_stand_at_their_figures(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    (tmp_path / "goals.toml").write_text(
        '[[goal]]\nmetric = "genuine_leads"\nto = 500\nperiod = "2026-Q4"\nowner = "Ana"\n'
        '[[goal]]\nmetric = "revenue"\nto = 9000000\nperiod = "2026-Q4"\nowner = "Eva"\n'
    )
    page = page_of(connection, tmp_path, ReportFilters(period="2026-Q4"))
    [row] = [row for row in page.ladder if row.figure.metric == "genuine_leads"]
    assert row.owner == "Ana"
    assert page.goals is not None
    assert [figure.goal.owner for figure in page.goals.goals if figure.goal] == ["Ana", "Eva"]
    assert len(page.goals.funnel) == 7
    assert sum(step.behind for step in page.goals.funnel) == 1


def test_the_page_as_it_was_shown_then(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    store_snapshots(connection, date(2026, 10, 1), [FigureSnapshot("genuine_leads", "", 77.0)])
    page = page_of(connection, tmp_path, ReportFilters(as_of=date(2026, 10, 1)))
    [row] = [row for row in page.ladder if row.figure.metric == "genuine_leads"]
    assert row.figure.quantity is not None
    assert row.figure.quantity.value == 77.0
    with pytest.raises(NoSnapshotError, match="2026-10-01"):
        page_of(connection, tmp_path, ReportFilters(as_of=date(2026, 10, 2)))


def test_the_number_of_queries_is_bounded(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    statements: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    page_of(connection, tmp_path)
    assert len(statements) <= 26
    assert list(figures_of(page_of(connection, tmp_path)))


def test_nobody_waits_where_no_contact_is_known(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    shown = page_of(connection, tmp_path).hand_over
    assert shown is not None
    assert shown.untouched_href is not None
    connection.execute(delete(response_bins))
    block = page_of(connection, tmp_path).hand_over
    assert block is not None
    assert [figure.quantity for figure in block.figures] == [None, None, None]
    assert {figure.note.text for figure in block.figures if figure.note} == {
        "no contacts by sales are imported: connect the CRM"
    }
    assert block.untouched_href is None
