"""Section `[report]`: the page with leading and lagging indicators."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from leadworth.settings_section import Names, Section
from leadworth.source_settings import SourceSettings

Attribution = Literal["first", "last", "linear", "u", "w", "decay", "markov"]
RoiFormula = Literal["gross_profit - marketing", "clv - marketing", "revenue - marketing - overhead - incremental"]
Language = Literal["en", "it", "de", "fr", "es", "pt", "ru", "ko"]
Rates = dict[str, Annotated[float, Field(gt=0)]]

LADDER = (
    "impressions",
    "sessions",
    "genuine_leads",
    "mql_to_sql",
    "weighted_pipeline",
    "revenue",
    "cac",
    "ltv_cac",
)


class MailSettings(Section):
    """Who gets the report by mail, and the server that sends it."""

    smtp: SecretStr | None = Field(None, description="URL of the mail server, such as smtps://user:password@host:465")
    sender: str | None = Field(None, description="Address of the sender")
    recipients: Names = Field((), description="Addresses that get the report")
    sales_recipients: Names = Field((), description="Addresses that get the list of untouched leads")


class ReportSettings(Section):
    """The page with leading and lagging indicators."""

    zone: str | None = Field(None, description="IANA name: time zone of the days; left out: `timezone`")
    language: Language = Field("en", description="Language of the page where the reader's browser asks for no other")
    ladder: Names = Field(LADDER, description="Metrics of the block of leading and lagging indicators, in order")
    roi_formula: RoiFormula | None = Field(None, description="Formula of ROI; without it ROI is not shown")
    attribution: Attribution = Field("w", description="Model that divides revenue between touches")
    business_hours: str = Field("Mon-Fri 09:00-18:00", description="Hours in which sales answers")
    holidays: str | None = Field(
        None, description="Country, or COUNTRY-REGION, whose public holidays are no business days"
    )
    crm_link: str | None = Field(None, description="Address of a lead in the CRM, with {lead_id}")
    own_domains: Names = Field((), description="Your domains, which are never a touch")
    brand_words: Names = Field((), description="Words of searches for your brand, left out of organic traffic value")
    rates: dict[str, Rates] = Field(
        {}, description='Month ("2026-10") = other currency = value of one unit of it in `currency`'
    )
    overhead: float = Field(0.0, ge=0, description="Overhead a month, in `currency`")
    incremental_cost: float | None = Field(
        None, ge=0, description="Further cost a month that marketing causes, for ROI, in `currency`"
    )
    serving_cost: float = Field(0.0, ge=0, description="Cost to serve a customer over its life, in `currency`")
    monthly_revenue: float | None = Field(None, gt=0, description="Average revenue of a customer a month, for CLV")
    monthly_churn: float | None = Field(None, gt=0, lt=1, description="Share of customers lost a month, for CLV")
    discount: float = Field(0.01, ge=0, description="Discount rate a month, for the discounted CLV")
    growth_raise: Literal["points", "factor"] = Field(
        "points", description="Target revenue: mean growth + 5 points, or x 1.05"
    )
    median_delay_days: float | None = Field(
        None, gt=0, description="Days from lead to win that shift followers; left out: of the own wins"
    )
    channels: str | None = Field(None, description="Own file of channels; left out: the shipped one")
    campaigns: str = Field("campaigns.toml", description="Aliases of campaigns, written by a person")
    goals: str = Field("goals.toml", description="Goals")
    refresh_minutes: float = Field(
        15.0, ge=0, description="Interval in which the service refreshes the facts; 0: never"
    )
    hide_costs_from: Names = Field((), description="Names of API keys whose readers see no cost columns")
    proxy_header: str | None = Field(
        None,
        description="Header with the name of the user that a trusted proxy has checked; such users have scope report",
    )
    mail: MailSettings = MailSettings()
    sources: SourceSettings = SourceSettings()
