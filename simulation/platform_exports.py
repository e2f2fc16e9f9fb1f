"""Spend and traffic of a simulation as the exports of ad platforms and GA4."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from simulation.parameters import Channel
from simulation.world import Simulation

_GOOGLE_TYPES = {"pmax": "Performance Max", "display": "Display"}
_GOOGLE_NETWORKS = {"search_partners": "Search partners", "pmax": "Cross-network", "display": "Google Display Network"}


def write_exports(simulation: Simulation, folder: Path) -> dict[str, int]:
    """Write one file per platform that costs money, and one of GA4; return the rows of each.

    The notation is that of each platform: UTF-16 with tabs, a title and a total row (Google Ads), the currency in the
    header (Meta), US dates (LinkedIn), comments above the header (GA4).
    """
    channels = simulation.parameters.channels
    spend = simulation.spend.assign(platform=simulation.spend["channel"].map(lambda name: channels[name].platform))
    rows = {}
    for platform, (name, encoding, text_of) in _SPEND_FILES.items():
        table = spend[spend["platform"] == platform]
        if len(table):
            (folder / name).write_text(text_of(table), encoding=encoding, newline="")
            rows[name] = len(table)
    if len(simulation.sessions):
        (folder / "ga4.csv").write_text(_ga4(simulation.sessions, channels), encoding="utf-8", newline="")
        rows["ga4.csv"] = len(simulation.sessions)
    return rows


def campaign_id(platform: str, campaign: str) -> str:
    """Return the id of a campaign at its platform.

    Examples
    --------
    >>> campaign_id("google", "brand_core")
    '1683006733'
    """
    return str(10**9 + int(hashlib.sha256(f"{platform}:{campaign}".encode()).hexdigest()[:7], 16) * 3)


def _ids(table: pd.DataFrame) -> list[str]:
    return [campaign_id(platform, name) for platform, name in zip(table["platform"], table["campaign"], strict=True)]


def _google_ads(table: pd.DataFrame) -> str:
    report = pd.DataFrame(
        {
            "Day": table["day"],
            "Campaign": table["campaign"],
            "Campaign ID": _ids(table),
            "Campaign type": [_GOOGLE_TYPES.get(name, "Search") for name in table["channel"]],
            "Network (with search partners)": [
                _GOOGLE_NETWORKS.get(name, "Google search") for name in table["channel"]
            ],
            "Currency code": table["currency"],
            "Cost": [f"{cost:,.2f}" for cost in table["cost"]],
            "Impr.": [f"{count:,}" for count in table["impressions"]],
            "Clicks": [f"{count:,}" for count in table["clicks"]],
        }
    )
    first, last = (pd.Timestamp(day) for day in (table["day"].min(), table["day"].max()))
    title = f"Campaign report\n{first:%B} {first.day}, {first.year} - {last:%B} {last.day}, {last.year}\n"
    total = ["Total: Account", "", "", "", "", table["currency"].iat[0], f"{table['cost'].sum():,.2f}"]
    total += [f"{table[name].sum():,}" for name in ("impressions", "clicks")]
    return title + _text(report, "\t") + "\t".join(map(str, total)) + "\n"


def _meta(table: pd.DataFrame) -> str:
    return _text(
        pd.DataFrame(
            {
                "Campaign name": table["campaign"],
                "Campaign ID": _ids(table),
                "Day": table["day"],
                f"Amount spent ({table['currency'].iat[0]})": [f"{cost:.2f}" for cost in table["cost"]],
                "Impressions": table["impressions"],
                "Link clicks": table["clicks"],
                "Reporting starts": table["day"],
                "Reporting ends": table["day"],
            }
        )
    )


def _linkedin(table: pd.DataFrame) -> str:
    days = pd.to_datetime(table["day"])
    return _text(
        pd.DataFrame(
            {
                "Start Date (in UTC)": days.dt.strftime("%m/%d/%Y"),
                "Campaign Name": table["campaign"],
                "Campaign ID": _ids(table),
                "Currency": table["currency"],
                "Total Spent": [f"{cost:.2f}" for cost in table["cost"]],
                "Impressions": table["impressions"],
                "Clicks": table["clicks"],
            }
        )
    )


def _events(table: pd.DataFrame) -> str:
    columns = {"day": "Day", "campaign": "Campaign", "cost": "Cost", "currency": "Currency"}
    return _text(table[list(columns)].rename(columns=columns))


def _ga4(sessions: pd.DataFrame, channels: dict[str, Channel]) -> str:
    of = [channels[name] for name in sessions["channel"]]
    report = pd.DataFrame(
        {
            "Date": sessions["day"].str.replace("-", ""),
            "Session source": [channel.utm_source or "(direct)" for channel in of],
            "Session medium": [channel.medium for channel in of],
            "Session campaign": sessions["channel"],
            "Sessions": sessions["sessions"],
            "Engaged sessions": sessions["sessions"] - sessions["bounces"],
            "Total users": sessions["visitors"],
            "Views": sessions["page_views"],
            "User engagement": (sessions["session_seconds_mean"] * sessions["sessions"]).round().astype(int),
            "Key events": sessions["leads"],
        }
    )
    first, last = (sessions["day"].agg(end).replace("-", "") for end in ("min", "max"))
    rule = "# ----------------------------------------\n"
    return f"{rule}# Traffic acquisition\n# {first}-{last}\n{rule}\n" + _text(report)


def _text(table: pd.DataFrame, separator: str = ",") -> str:
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, sep=separator, lineterminator="\n")
    return buffer.getvalue()


_SPEND_FILES: dict[str, tuple[str, str, Callable[[pd.DataFrame], str]]] = {
    "google": ("google-ads.csv", "utf-16", _google_ads),
    "meta": ("meta-ads.csv", "utf-8-sig", _meta),
    "linkedin": ("linkedin-ads.csv", "utf-8", _linkedin),
    "event": ("events.csv", "utf-8", _events),
}
