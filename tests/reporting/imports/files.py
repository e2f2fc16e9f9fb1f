"""Files of ad platforms, written in any notation."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

GOOGLE = {
    "en": ("Day", "Campaign", "Campaign ID", "Cost", "Currency code", "Impr.", "Clicks"),
    "it": ("Giorno", "Campagna", "ID campagna", "Costo", "Codice valuta", "Impr.", "Clic"),
    "de": ("Tag", "Kampagne", "Kampagnen-ID", "Kosten", "Währungscode", "Impr.", "Klicks"),
    "fr": ("Jour", "Campagne", "ID de campagne", "Coût", "Code de devise", "Impr.", "Clics"),
    "es": ("Día", "Campaña", "ID de campaña", "Coste", "Código de moneda", "Impr.", "Clics"),
    "pt": ("Dia", "Campanha", "ID da campanha", "Custo", "Código da moeda", "Impr.", "Cliques"),
    "ru": ("День", "Кампания", "Идентификатор кампании", "Стоимость", "Код валюты", "Показы", "Клики"),
    "ko": ("일", "캠페인", "캠페인 ID", "비용", "통화 코드", "노출수", "클릭수"),
}
META = {
    "en": ("Day", "Campaign name", "Amount spent (EUR)", "Impressions", "Link clicks"),
    "it": ("Giorno", "Nome della campagna", "Importo speso (EUR)", "Impression", "Clic sul link"),
    "de": ("Tag", "Kampagnenname", "Ausgegebener Betrag (EUR)", "Impressionen", "Link-Klicks"),
    "fr": ("Jour", "Nom de la campagne", "Montant dépensé (EUR)", "Impressions", "Clics sur le lien"),
    "es": ("Día", "Nombre de la campaña", "Importe gastado (EUR)", "Impresiones", "Clics en el enlace"),
    "pt": ("Dia", "Nome da campanha", "Valor gasto (EUR)", "Impressões", "Cliques no link"),
    "ru": ("День", "Название кампании", "Потраченная сумма (EUR)", "Показы", "Клики по ссылке"),
    "ko": ("일", "캠페인 이름", "지출 금액 (EUR)", "노출", "링크 클릭"),
}
LINKEDIN = (
    *("Start Date (in UTC)", "Campaign Name", "Campaign Type", "Total Spent", "Impressions", "Clicks"),
    "Clicks to Landing Page",
)
MICROSOFT = ("TimePeriod", "CampaignName", "Spend", "Impressions", "Clicks")
TIKTOK = ("By Day", "Campaign name", "Campaign ID", "Cost", "Currency", "Impressions", "Clicks (destination)")


@dataclass(frozen=True)
class Notation:
    """How a file is written."""

    language: str = "en"
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    dates: str = "%Y-%m-%d"
    missing: str = "--"
    preamble: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    total: bool = True

    def money(self, cents: int) -> str:
        """Return an amount."""
        whole, fraction = divmod(abs(cents), 100)
        grouped = f"{whole:,}".replace(",", self.thousands)
        return f"{'-' if cents < 0 else ''}{grouped}{self.decimal}{fraction:02d}"

    def count(self, count: int | None) -> str:
        """Return a count."""
        return self.missing if count is None else f"{count:,}".replace(",", self.thousands)


@dataclass(frozen=True)
class Spent:
    """A row of spend as the test means it."""

    day: date
    campaign: str
    cents: int
    impressions: int | None = None
    clicks: int | None = None


def meta_file(path: Path, rows: Sequence[Spent], notation: Notation) -> Path:
    """Write a file of Meta with a total row without day and campaign."""
    table = [list(META[notation.language])]
    table += [
        [
            row.day.strftime(notation.dates),
            row.campaign,
            notation.money(row.cents),
            notation.count(row.impressions),
            notation.count(row.clicks),
        ]
        for row in rows
    ]
    if notation.total:
        cents = sum(row.cents for row in rows)
        table.append(["", "", notation.money(cents), notation.missing, notation.missing])
    return written(path, table, notation)


def google_file(path: Path, rows: Sequence[Spent], notation: Notation) -> Path:
    """Write a file of Google Ads, whose total row has its name in the first column."""
    table = [list(GOOGLE[notation.language])]
    table += [
        [
            row.day.strftime(notation.dates),
            row.campaign,
            notation.missing,
            notation.money(row.cents),
            "EUR",
            notation.count(row.impressions),
            notation.count(row.clicks),
        ]
        for row in rows
    ]
    if notation.total:
        cents = sum(row.cents for row in rows)
        blank = notation.missing
        table.append(["Total: Account", blank, blank, notation.money(cents), "EUR", blank, blank])
    return written(path, table, notation)


def written(path: Path, table: Sequence[Sequence[str]], notation: Notation) -> Path:
    """Write a table with what is above and below it."""
    text = io.StringIO()
    text.writelines(f"{line}\n" for line in notation.preamble)
    csv.writer(text, delimiter=notation.delimiter, lineterminator="\n").writerows(table)
    text.writelines(f"{line}\n" for line in notation.footer)
    path.write_text(text.getvalue(), encoding=notation.encoding)
    return path


def sums(rows: Sequence[Spent]) -> Mapping[tuple[date, str], Decimal]:
    """Return day and campaign -> cost."""
    found: dict[tuple[date, str], Decimal] = {}
    for row in rows:
        key = row.day, row.campaign
        found[key] = found.get(key, Decimal(0)) + Decimal(row.cents) / 100
    return found
