"""The leads behind a figure as HTML and as rows of CSV: ids, never names, addresses or numbers of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reporting.page.html_page import STYLE
from reporting.page.languages import Translator, display_name
from reporting.page.page_model import Message, Quantity, Unit
from reporting.views.drill_figures import PART_TITLES, DrillDown
from reporting.views.metric_inputs import MILLION
from reporting.views.report_filters import ReportFilters
from store.drill_down import PAGE

REASONS: Mapping[str, Message] = {
    "won": Message("won"),
    "lost": Message("lost"),
    "gone": Message("no longer in the CRM"),
    "quote_at": Message("has a quote"),
    "sql_at": Message("sales is in contact"),
    "mql_at": Message("MQL"),
    "junk": Message("probably junk"),
    "open": Message("open"),
    "unscored": Message("without a score"),
}
COLUMNS = (
    "lead_id",
    "submitted_at",
    "channel",
    "source",
    "medium",
    "campaign_key",
    "campaign_name",
    "country",
    "entry",
    "junk_probability",
    "win_probability",
    "predicted_value",
    "stage",
    "age_days",
    "why",
)
MONEY_COLUMNS = frozenset({"predicted_value"})
_SCALES = ("_micros", "_ppm")


@dataclass(frozen=True)
class LeadListPage:
    """A page of leads behind a figure.

    Attributes
    ----------
    next_href
        Address of the next page; None on the last one.
    """

    behind: DrillDown
    leads: Sequence[Mapping[str, Any]]
    filters: ReportFilters
    currency: str
    money: bool
    crm_link: str | None
    now: datetime
    zone: str
    language: str
    next_href: str | None


def reason_of(lead: Mapping[str, Any]) -> Message:
    """Return why a lead counts as it does.

    Examples
    --------
    >>> no_stage = dict.fromkeys(("won_at", "lost_at", "gone_at", "quote_at", "sql_at", "mql_at"))
    >>> reason_of({**no_stage, "junk_ppm": 900_000}).text
    'probably junk'
    """
    if lead["won_at"] is not None:
        return REASONS["won"]
    if lead["lost_at"] is not None:
        return REASONS["lost"]
    if lead["gone_at"] is not None:
        return REASONS["gone"]
    for stage in ("quote_at", "sql_at", "mql_at"):
        if lead[stage] is not None:
            return REASONS[stage]
    if lead["junk_ppm"] is None:
        return REASONS["unscored"]
    return REASONS["junk"] if lead["junk_ppm"] >= MILLION // 2 else REASONS["open"]


def visible_parts(behind: DrillDown, money: bool) -> list[str]:
    """Return the sums of a figure that the reader may see."""
    return [part for part in behind.totals if money or PART_TITLES[part][1] is not Unit.MONEY]


def lead_columns(behind: DrillDown, money: bool) -> list[str]:
    """Return the columns of the CSV file of leads."""
    shown = [name for name in COLUMNS if money or name not in MONEY_COLUMNS]
    return [*shown, *(f"part_{_plain_name(part)}" for part in visible_parts(behind, money))]


def lead_row(lead: Mapping[str, Any], behind: DrillDown, money: bool, now: datetime) -> list[Any]:
    """Return the cells of a lead, in the order of `lead_columns`."""
    cells = {
        **lead,
        "junk_probability": _share(lead["junk_ppm"]),
        "win_probability": _share(lead["win_ppm"]),
        "predicted_value": _share(lead["value_micros"]),
        "age_days": age_days(lead, now),
        "why": reason_of(lead).text,
    }
    parts = [scaled(part, lead["parts"][part]) for part in visible_parts(behind, money)]
    return [*(cells[name] for name in COLUMNS if money or name not in MONEY_COLUMNS), *parts]


def render_leads(page: LeadListPage) -> str:
    """Return the page as HTML."""
    translator = Translator(page.language, page.zone)
    parts = visible_parts(page.behind, page.money)
    view = _LeadView(page, translator)
    return (
        _environment()
        .get_template("leads.html.j2")
        .render(
            page=page,
            view=view,
            t=lambda text, **values: translator.text(Message(text, values)),
            style=Markup(STYLE),
            parts=parts,
            per_page=PAGE,
        )
    )


class _LeadView:
    """What the template asks of a page of leads."""

    def __init__(self, page: LeadListPage, translator: Translator) -> None:
        self._page, self._translator = page, translator

    def text(self, message: Message | str) -> str:
        return self._translator.text(message)

    def part_title(self, part: str) -> str:
        return self._translator.text(PART_TITLES[part][0])

    def part(self, part: str, amount: int) -> str:
        unit = PART_TITLES[part][1]
        currency = self._page.currency if unit is Unit.MONEY else None
        return self._translator.numbers.exact(Quantity(scaled(part, amount), unit, currency))

    def figure(self) -> str:
        behind = self._page.behind
        if behind.value is None or (behind.unit is Unit.MONEY and not self._page.money):
            return "–"
        currency = self._page.currency if behind.unit is Unit.MONEY else None
        return self._translator.numbers.exact(Quantity(behind.value, behind.unit, currency))

    def count(self, count: float) -> Quantity:
        return Quantity(count)

    def share(self, ppm: int | None) -> str:
        return "–" if ppm is None else self._translator.numbers.exact(Quantity(ppm / MILLION, Unit.SHARE))

    def money(self, micros: int | None) -> str:
        if micros is None:
            return "–"
        return self._translator.numbers.exact(Quantity(micros / MILLION, Unit.MONEY, self._page.currency))

    def moment(self, text: str) -> str:
        return self._translator.numbers.moment(datetime.fromisoformat(text))

    def days(self, lead: Mapping[str, Any]) -> str:
        return self._translator.numbers.exact(Quantity(age_days(lead, self._page.now), Unit.DAYS))

    def name(self, text: str) -> str:
        return display_name(text)

    def why(self, lead: Mapping[str, Any]) -> str:
        return self._translator.text(reason_of(lead))

    def crm(self, lead_id: str) -> str | None:
        return crm_address(self._page.crm_link, lead_id)

    def csv(self) -> str:
        return self._page.filters.link("leads.csv", figure=self._page.behind.figure)

    def back(self) -> str:
        return self._page.filters.link("../report")


def crm_address(template: str | None, lead_id: str) -> str | None:
    """Return the address of a lead in the CRM; None without a template.

    Examples
    --------
    >>> crm_address("https://crm.example.com/leads/{lead_id}", "A/1")
    'https://crm.example.com/leads/A%2F1'
    """
    return None if template is None else template.replace("{lead_id}", quote(lead_id, safe=""))


def age_days(lead: Mapping[str, Any], now: datetime) -> int:
    """Return the whole days since the lead was submitted."""
    return max((now - datetime.fromisoformat(lead["submitted_at"])).days, 0)


def scaled(part: str, amount: int) -> float | int:
    """Return a sum in units: money and probabilities are stored in millionths.

    Examples
    --------
    >>> scaled("revenue_micros", 1_500_000), scaled("leads", 3)
    (1.5, 3)
    """
    return amount / MILLION if part.endswith(_SCALES) else amount


def _plain_name(part: str) -> str:
    for ending in _SCALES:
        part = part.removesuffix(ending)
    return part


def _share(ppm: int | None) -> float | None:
    return None if ppm is None else ppm / MILLION


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reporting.views"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
