"""Files of sessions, search queries, e-mail figures and counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from leadworth.errors import InputError
from reporting.imports.import_proposal import ImportOptions
from reporting.imports.import_rows import MetricRow, QueryRow, TrafficRow
from reporting.imports.read_import import ImportContent, read_import
from tests.reporting.imports.files import Notation, written

GA4 = (
    *("# ----------------------------------------", "# Free form 1", "# Account: Acme", "# Property: Acme (314159265)"),
    *("# Start date: 20251101", "# End date: 20251130", "# ----------------------------------------", ""),
)


def read(path: Path, **options: object) -> ImportContent:
    return read_import(path, {"traffic", "metrics", "queries"}, ImportOptions(**options))  # type: ignore[arg-type]


def test_sessions_of_ga4(tmp_path: Path) -> None:
    table = [
        (
            *("Date", "Session source / medium", "Session campaign", "Session campaign ID", "Country", "Sessions"),
            *("Engaged sessions", "Total users", "Views", "Average engagement time per session", "Key events"),
        ),
        ("", "", "", "", "", "15", "9", "12", "30", "20", "3", "Grand total"),
        ("20251101", "google / cpc", "Brand", "77", "Italy", "10", "6", "8", "20", "12.5", "2.0"),
        ("20251102", "(direct) / (none)", "(not set)", "(not set)", "(not set)", "5", "3", "4", "10", "8", "1"),
    ]
    table[0] = (*table[0], "")
    table[2:] = [(*row, "") for row in table[2:]]
    content = read(written(tmp_path / "ga4.csv", table, Notation(preamble=GA4)))
    rows = content.batches[0].rows
    assert rows[0] == TrafficRow(
        "314159265", date(2025, 11, 1), "google", "cpc", "77", "Brand", "IT", None, 10, 6, 8, 20, 125, 2
    )
    assert rows[1] == TrafficRow(
        "314159265", date(2025, 11, 2), "(direct)", "(none)", "", "", "", None, 5, 3, 4, 10, 40, 1
    )
    assert content.rows.total == content.rows.source_total == Decimal(15)


def test_days_of_ga4_may_be_numbered(tmp_path: Path) -> None:
    table = [("Nth day", "Session source / medium", "Sessions", "Engaged sessions"), ("0002", "a / b", "1", "0")]
    content = read(written(tmp_path / "ga4.csv", table, Notation(preamble=GA4)))
    assert content.batches[0].rows[0].day == date(2025, 11, 3)


def test_first_user_sources_are_refused(tmp_path: Path) -> None:
    table = [("Date", "First user source / medium", "Sessions", "Engaged sessions"), ("20251101", "a / b", "1", "0")]
    with pytest.raises(InputError, match="first visit that a person ever made"):
        read(written(tmp_path / "ga4.csv", table, Notation(preamble=GA4)))


def test_search_console(tmp_path: Path) -> None:
    table = [("Date", "Clicks", "Impressions", "CTR", "Position"), ("2025-11-01", "5", "1,200", "0.4%", "7.1")]
    content = read(written(tmp_path / "Dates.csv", table, Notation()), account="example.com")
    assert content.batches[0].rows == [QueryRow("example.com", "organic", date(2025, 11, 1), "", "", 5, 1200, None, "")]


def test_queries_without_days_are_refused(tmp_path: Path) -> None:
    table = [("Top queries", "Clicks", "Impressions", "CTR", "Position"), ("crm", "5", "12", "0.4%", "7.1")]
    with pytest.raises(InputError, match="break the report down by day"):
        read(written(tmp_path / "Queries.csv", table, Notation()), account="example.com")


def test_search_terms_are_paid_queries(tmp_path: Path) -> None:
    table = [
        ("Day", "Search term", "Campaign", "Cost (EUR)", "Impr.", "Clicks"),
        ("2025-11-01", "crm", "A", "9.5", "4", "1"),
    ]
    path = written(tmp_path / "terms.csv", table, Notation())
    content = read_import(path, {"spend", "queries"}, ImportOptions(account="1"))
    assert content.batches[0].platform == "google_ads"
    assert content.batches[0].rows == [QueryRow("1", "paid", date(2025, 11, 1), "crm", "", 1, 4, Decimal("9.5"), "EUR")]


def test_mailchimp(tmp_path: Path) -> None:
    table = [
        (
            *("Title", "Subject", "List", "Send Date", "Send Weekday", "Total Recipients", "Successful Deliveries"),
            *("Unique Opens", "Open Rate", "Unique Clicks", "Unsubscribes", "Abuse Complaints"),
        ),
        ("News", "Hi", "all", "Nov 13, 2025 09:00 am", "Thursday", "1000", "990", "300", "30.3%", "40", "2", "0"),
    ]
    rows = read(written(tmp_path / "m.csv", table, Notation()), account="list").batches[0].rows
    counts = {row.name: row.count for row in rows if isinstance(row, MetricRow)}
    assert counts == {
        "email_sent": 1000,
        "email_delivered": 990,
        "email_opens": 300,
        "email_clicks": 40,
        "email_unsubscribes": 2,
        "email_complaints": 0,
    }
    assert {row.day for row in rows} == {date(2025, 11, 13)}


def test_counts_in_long_and_wide_form(tmp_path: Path) -> None:
    long = [("day", "metric", "count"), ("2025-11-01", "webinar_attended", "30"), ("2025-11-02", "demos", "2")]
    rows = read(written(tmp_path / "long.csv", long, Notation()), account="crm").batches[0].rows
    assert [(row.name, row.count) for row in rows if isinstance(row, MetricRow)] == [
        ("webinar_attended", 30),
        ("demos", 2),
    ]
    wide = [("Tag", "downloads", "log_ins"), ("13.11.2025", "3", "--"), ("14.11.2025", "4", "9")]
    rows = read(written(tmp_path / "wide.csv", wide, Notation()), account="crm").batches[0].rows
    assert len(rows) == 3


def test_counts_of_one_name(tmp_path: Path) -> None:
    path = written(tmp_path / "likes.csv", [("Datum", "Likes"), ("2025-11-13", "3")], Notation(delimiter=";"))
    rows = read(path, account="linkedin", metric="social_engagement").batches[0].rows
    assert rows == [MetricRow("social_engagement", "linkedin", date(2025, 11, 13), "", 3)]
