"""Wins without an amount: counted next to the revenue that lacks them, never treated as 0, and linked to the leads.

Worked example, on 28 November with the last 90 days:

    lead  submitted   won      amount   channel
    A     10 Nov      20 Nov   9,000    Paid Search
    B     11 Nov      21 Nov   -        Paid Search
    C     12 Nov      22 Nov   -        Email
    D      1 Mar      15 Nov   -        Email
    E     13 Nov      23 Nov   0        Email
    F     14 Nov      -        -        Email

Revenue is 9,000 without 2 wins (B, C); of the 12 cohorts from December on without 3 (D too), and so is the revenue of
the period by the day of closing. E has an amount, and F is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from leadworth.channel_groups import CHANNELS
from reporting.page.html_page import render_html
from reporting.page.mail_page import render_mail
from reporting.page.page_model import Figure, ReportPage
from reporting.views.drill_figures import drill_down_of
from reporting.views.report_filters import ReportFilters, parse_filters
from reporting.views.report_page import build_page
from store.drill_down import every_lead
from store.engine import open_engine
from store.migrate import upgrade
from tests.reporting.make_facts import MILLION, NOW, MadeFacts, insert_facts, lead
from tests.reporting.views.test_report_page import settings_of

IDS = ("A", "B", "C", "D", "E", "F")


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def example() -> list[dict[str, object]]:
    email = {"channel": "Email", "campaign_key": "", "campaign_name": ""}
    rows = [
        lead(0, at(11, 10), won_at=at(11, 20), revenue_micros=9_000 * MILLION, cost_micros=0),
        lead(1, at(11, 11), won_at=at(11, 21)),
        lead(2, at(11, 12), won_at=at(11, 22), **email),
        lead(3, at(3, 1), won_at=at(11, 15), **email),
        lead(4, at(11, 13), won_at=at(11, 23), revenue_micros=0, cost_micros=0, **email),
        lead(5, at(11, 14), **email),
    ]
    return [row | {"lead_id": name} for row, name in zip(rows, IDS, strict=True)]


@pytest.fixture
def connection(store_url: str) -> Iterator[Connection]:
    engine = open_engine(store_url)
    upgrade(engine)
    with engine.begin() as connection:
        insert_facts(connection, MadeFacts(example(), [], []))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def page_of(connection: Connection, folder: Path, filters: ReportFilters, *, money: bool = True) -> ReportPage:
    return build_page(connection, settings_of(folder), filters, money=money, now=NOW)


def revenues(page: ReportPage) -> list[Figure]:
    """Return the figures of the card of revenue and of the cohorts."""
    assert page.cohorts is not None
    [card] = [card.figure for card in page.cards if card.figure.metric == "revenue"]
    return [card, page.cohorts.figure]


@pytest.mark.parametrize(
    ("query", "leads"),
    [
        ("", ("BC", "BCD")),
        ("view=calendar", ("BCD", "BCD")),
        ("channel=Email", ("C", "CD")),
        ("country=IT&period=2026-Q1", ("D", "D")),
    ],
)
def test_each_revenue_names_the_wins_that_it_lacks(
    connection: Connection, tmp_path: Path, query: str, leads: tuple[str, str]
) -> None:
    page = page_of(connection, tmp_path, parse_filters(query, CHANNELS))
    for figure, ids in zip(revenues(page), leads, strict=True):
        assert figure.note is not None
        assert figure.note.values["count"].value == len(ids)  # type: ignore[union-attr]
        assert figure.note_href is not None
        name = "wins_without_amount"
        filters = parse_filters(figure.note_href.partition("?")[2], CHANNELS, further=("figure",))
        assert f"figure={name}" in figure.note_href
        behind = drill_down_of(connection, settings_of(tmp_path), filters, name, NOW)
        assert behind.selection is not None
        assert {row["lead_id"] for row in every_lead(connection, behind.selection)} == set(ids)
        assert (behind.value, behind.leads) == (len(ids), len(ids))


def test_the_sentence_stands_at_the_revenue_on_the_page_and_in_the_mail(connection: Connection, tmp_path: Path) -> None:
    page = page_of(connection, tmp_path, ReportFilters())
    [card] = [card for card in page.cards if card.figure.metric == "revenue"]
    assert card.seen is not None
    assert card.seen.value == 9_000.0
    assert "without 2 wins whose amount is not known" in render_html(page)
    assert "without 2 wins whose amount is not known" in "".join(render_mail(page)[:2])
    one = page_of(connection, tmp_path, ReportFilters(channel=("Email",), lang="de"))
    assert "ohne 1 Abschluss mit unbekanntem Betrag" in render_html(one)


def test_nothing_is_said_where_every_win_has_an_amount_or_money_is_hidden(
    connection: Connection, tmp_path: Path
) -> None:
    assert "whose amount" not in render_html(page_of(connection, tmp_path, ReportFilters(), money=False))
    complete = page_of(connection, tmp_path, ReportFilters(period="2026-11-13..2026-11-14"))
    [card] = [card.figure for card in complete.cards if card.figure.metric == "revenue"]
    assert (card.note, card.note_href) == (None, None)
