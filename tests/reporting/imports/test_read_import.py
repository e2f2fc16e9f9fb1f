"""Any file of spend is read back to the cent, whatever its notation."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from leadworth.errors import InputError
from reporting.imports.import_proposal import ImportOptions
from reporting.imports.import_rows import SpendRow
from reporting.imports.read_import import ImportContent, read_import
from reporting.imports.undecided import UndecidedError
from tests.reporting.imports import files
from tests.reporting.imports.files import Notation, Spent

OPTIONS = ImportOptions(account="42")
MONEY = [
    (".", ","),
    (",", "."),
    (".", ""),
    (",", ""),
    (",", " "),
    (",", "\u202f"),
    (",", "\xa0"),
    (".", "’"),
    (".", "'"),
]
NAMES = st.one_of(
    st.sampled_from(
        ["Total", "Total Care", "Totale", "Total: Account", "Gesamt", "Summe", 'Brand; IT, "A"', "12", "합계"]
    ),
    st.text(st.characters(categories=["L", "Nd"], include_characters=" _|-,;\t'\""), min_size=1, max_size=20)
    .map(lambda name: " ".join(unicodedata.normalize("NFC", name).split()))
    .filter(lambda name: name.strip("-'\" ,;|_\t") != ""),
)
SPENT = st.builds(
    Spent,
    day=st.dates(date(2025, 1, 1), date(2025, 12, 31)),
    campaign=NAMES,
    cents=st.integers(-500_000, 500_000_000),
    impressions=st.none() | st.integers(0, 9_999_999),
    clicks=st.none() | st.integers(0, 99_999),
)
PREAMBLES = (
    (),
    ("Campaign report", "November 1, 2025 - November 30, 2025"),
    ('"Report Name: Campaigns"', '"Account: Acme (123-456-7890)"', '"Time zone: Europe/Rome"', ""),
)
FOOTERS = ((), ("", '"©2026 Microsoft Corporation. All rights reserved."'), ("(c)2026 Example Ltd",))


@st.composite
def notations(draw: st.DrawFn) -> Notation:
    decimal, thousands = draw(st.sampled_from(MONEY))
    language = draw(st.sampled_from(sorted(files.META)))
    dates = ["%Y-%m-%d", "%b %d, %Y", "%a, %b %d, %Y", "%Y%m%d", "%d.%m.%Y"]
    return Notation(
        language=language,
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])).replace("-le-bom", ""),
        delimiter=draw(st.sampled_from([",", ";", "\t"])),
        decimal=decimal,
        thousands=thousands,
        dates=draw(st.sampled_from(dates[:4] if language in {"en", "ko"} else dates)),
        missing=draw(st.sampled_from(["--", " --", "-", "", "No data"])),
        preamble=draw(st.sampled_from(PREAMBLES)),
        footer=draw(st.sampled_from(FOOTERS)),
        total=draw(st.booleans()),
    )


def read(path: Path, options: ImportOptions = OPTIONS) -> ImportContent:
    return read_import(path, {"spend", "queries"}, options)


@settings(
    max_examples=150,
    phases=(Phase.explicit, Phase.generate),  # shrinking a file takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([Spent(date(2025, 1, 1), "Total Care", 123)], Notation(total=True), "google")
@example([Spent(date(2025, 1, 1), "Total", 100), Spent(date(2025, 1, 2), "Total", -100)], Notation(missing=""), "meta")
@given(st.lists(SPENT, min_size=1, max_size=12), notations(), st.sampled_from(["meta", "google"]))
def test_any_table_is_read_back(tmp_path: Path, rows: list[Spent], notation: Notation, platform: str) -> None:
    write = files.meta_file if platform == "meta" else files.google_file
    content = read(write(tmp_path / "spend.csv", rows, notation))
    got = [row for batch in content.batches for row in batch.rows if isinstance(row, SpendRow)]
    assert content.set_aside == 0, content.rejected
    assert content.rows_read == len(rows)
    assert Counter((row.day, row.campaign_name, row.cost, row.impressions, row.clicks) for row in got) == Counter(
        (row.day, row.campaign, Decimal(row.cents) / 100, row.impressions, row.clicks) for row in rows
    )
    assert {row.currency for row in got} == {"EUR"}
    total = Decimal(sum(row.cents for row in rows)) / 100
    assert content.rows.total == total
    assert content.rows.source_total == (total if notation.total else None)


@pytest.mark.parametrize("language", sorted(files.GOOGLE))
@pytest.mark.parametrize("write", [files.meta_file, files.google_file], ids=["meta", "google"])
def test_headers_of_each_language(tmp_path: Path, language: str, write: object) -> None:
    rows = [Spent(date(2025, 11, 13), "Brand", 1250, 10, 2), Spent(date(2025, 11, 2), "Total Care", -100, None, 0)]
    path = write(tmp_path / "f.csv", rows, Notation(language, "utf-16", "\t", ",", ".", "%d/%m/%Y"))  # type: ignore[operator]
    content = read(path)
    assert content.rows.total == content.rows.source_total == Decimal("11.50")
    assert [row.day for row in content.batches[0].rows] == [date(2025, 11, 13), date(2025, 11, 2)]


def test_linkedin(tmp_path: Path) -> None:
    table = [files.LINKEDIN, ("11/13/2025", "A", "Sponsored", "12.50", "100", "9", "4")]
    content = read(
        files.written(tmp_path / "l.csv", table, Notation(preamble=("Campaign Performance Report (in UTC)",))),
        ImportOptions(account="7", currency="USD"),
    )
    batch = content.batches[0]
    row = batch.rows[0]
    assert isinstance(row, SpendRow)
    assert (batch.platform, batch.zone, row.clicks, row.cost) == ("linkedin", "UTC", 4, Decimal("12.5"))


def test_microsoft_with_footer_and_bound_share(tmp_path: Path) -> None:
    table = [
        (*files.MICROSOFT, "AccountId", "CurrencyCode", "ImpressionSharePercent"),
        ("2025-11-01", "Total Care", "1.00", "100", "1", "1234567", "EUR", "< 10%"),
        ("2025-11-01", "Brand", "2.50", "30", "2", "1234567", "EUR", "60%"),
    ]
    notation = Notation(
        preamble=("Report Name: x", '"Time Zone: Europe/Berlin"'), footer=("", '"(c)2026 Microsoft Corporation"')
    )
    content = read(files.written(tmp_path / "m.csv", table, notation), ImportOptions())
    care, brand = content.batches[0].rows
    assert isinstance(care, SpendRow)
    assert isinstance(brand, SpendRow)
    assert content.batches[0].zone == "Europe/Berlin"
    assert (care.campaign_name, care.eligible_impressions, care.eligible_is_bound) == ("Total Care", 1000.0, True)
    assert (brand.eligible_impressions, brand.eligible_is_bound) == (50.0, False)
    assert content.footer == ["(c)2026 Microsoft Corporation"]


def test_tiktok(tmp_path: Path) -> None:
    table = [
        files.TIKTOK,
        ("2025-11-01", "A", "77", "12.5", "USD", "100", "4"),
        ("Total of 1 results", "-", "-", "12.5", "", "100", "4"),
    ]
    content = read(files.written(tmp_path / "t.csv", table, Notation()))
    assert content.batches[0].platform == "tiktok"
    assert content.rows.total == content.rows.source_total == Decimal("12.5")


@pytest.mark.parametrize(
    ("table", "option"),
    [
        ([("Day", "Campaign", "Cost", "Impr."), ("2025-11-01", "A", "1.234", "5")], "decimal"),
        ([("Day", "Campaign", "Cost (EUR)", "Impr."), ("03/04/2025", "A", "1.25", "5")], "date-format"),
        ([("Day", "Campaign", "Cost", "Impr."), ("2025-04-03", "A", "1.25", "5")], "currency"),
        ([("Day", "Campaign", "Cost (EUR)"), ("2025-04-03", "A", "1.25")], "platform"),
        ([("Day", "Campaign", "Cost (EUR)"), ("2025-04-03", "A", "1,25"), ("2025-04-03", "B", "1.25")], "decimal"),
    ],
)
def test_what_is_undecidable_names_its_option(tmp_path: Path, table: list[tuple[str, ...]], option: str) -> None:
    path = files.written(tmp_path / "u.csv", table, Notation(delimiter=";"))
    given_platform = None if option == "platform" else "google_ads"
    currency = "EUR" if option == "decimal" else None
    with pytest.raises(UndecidedError, match=f"--{option}"):
        read(path, ImportOptions(account="1", platform=given_platform, currency=currency))


def test_account_is_undecidable(tmp_path: Path) -> None:
    path = files.meta_file(tmp_path / "m.csv", [Spent(date(2025, 1, 1), "A", 5)], Notation())
    with pytest.raises(UndecidedError, match="--account"):
        read(path, ImportOptions())


def test_rows_of_several_days_are_refused(tmp_path: Path) -> None:
    table = [
        ("Reporting starts", "Reporting ends", "Campaign name", "Amount spent (EUR)"),
        ("2025-11-01", "2025-11-30", "A", "9.00"),
    ]
    with pytest.raises(InputError, match="break the report down by day"):
        read(files.written(tmp_path / "r.csv", table, Notation()))


def test_days_without_a_column_are_refused(tmp_path: Path) -> None:
    table = [("Campaign name", "Amount spent (EUR)", "Impressions"), ("A", "9.00", "4"), ("B", "9.00", "4")]
    with pytest.raises(InputError, match="break the report down by day"):
        read(files.written(tmp_path / "r.csv", table, Notation()))


def test_two_currencies_in_one_column_are_refused(tmp_path: Path) -> None:
    table = [("Day", "Campaign", "Cost", "Impr."), ("2025-11-01", "A", "€9.00", "4"), ("2025-11-01", "B", "£9.00", "4")]
    with pytest.raises(InputError, match="EUR and GBP"):
        read(files.written(tmp_path / "r.csv", table, Notation()), ImportOptions(account="1", platform="google_ads"))


def test_faulty_rows_are_set_aside(tmp_path: Path) -> None:
    table = [
        ("Day", "Campaign", "Cost (EUR)", "Impr."),
        ("2025-11-01", "A", "9.00", "4"),
        ("2025-13-01", "A", "9.00", "4"),
        ("2025-11-01", "A", "nine", "4"),
        ("2025-11-01", "A", "--", "4"),
        ("2025-11-01", "A", "9.00", "4.5"),
        ("2025-11-01", "A", "9.00"),
    ]
    content = read(files.written(tmp_path / "r.csv", table, Notation()))
    assert content.set_aside == 5
    assert content.rows_read == 6
    assert content.rows.total == Decimal("9")
    assert sorted(line for line, _, _ in content.rejected) == [3, 4, 5, 6, 7]


def test_subtotals_are_no_total_of_the_file(tmp_path: Path) -> None:
    table = [
        ("Day", "Campaign", "Cost (EUR)", "Impr."),
        ("2025-11-01", "A", "9.00", "4"),
        ("2025-11-02", "A", "1.00", "4"),
        ("", "A", "10.00", "8"),
        ("2025-11-01", "B", "5.00", "4"),
        ("", "B", "5.00", "4"),
        ("Total: Search", "", "14.00", "8"),
        ("Total: Account", "", "15.00", "12"),
    ]
    content = read(files.written(tmp_path / "r.csv", table, Notation()))
    assert (content.rows.total, content.rows.source_total, content.rows.totals) == (Decimal(15), Decimal(15), 4)
    assert content.rows.difference == 0.0


def test_missing_rows_show_as_a_difference(tmp_path: Path) -> None:
    table = [("Day", "Campaign", "Cost (EUR)", "Impr."), ("2025-11-01", "A", "9.00", "4"), ("Total", "", "10.00", "")]
    content = read(files.written(tmp_path / "r.csv", table, Notation()))
    assert content.rows.difference == pytest.approx(0.1)


def test_several_accounts_in_one_file(tmp_path: Path) -> None:
    table = [
        ("Day", "Campaign", "Customer ID", "Cost (EUR)", "Impr."),
        ("2025-11-01", "A", "123-456-7890", "9.00", "4"),
        ("2025-11-03", "A", "123-456-7891", "1.00", "4"),
    ]
    content = read(files.written(tmp_path / "r.csv", table, Notation()), ImportOptions())
    assert [batch.account_id for batch in content.batches] == ["123-456-7890", "123-456-7891"]
    assert {batch.first_day for batch in content.batches} == {date(2025, 11, 1)}
    assert content.rows_read == 2


def test_columns_may_be_named(tmp_path: Path) -> None:
    table = [("when", "what", "Ad spend"), ("2025-11-01", "A", "9.00")]
    options = ImportOptions(
        "newspaper", "1", "EUR", columns={"day": "when", "campaign_name": "what", "cost": "Ad spend"}
    )
    content = read(files.written(tmp_path / "r.csv", table, Notation()), options)
    assert (content.batches[0].platform, content.rows.total) == ("newspaper", Decimal(9))
