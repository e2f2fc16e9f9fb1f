"""States of the page: what is missing, how old each source is, whether predictions can be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from scipy.special import gammaincinv

from reporting.page.page_model import Level, Message, Notice, Quantity, SourceAge, Unit

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from reporting.views.page_sums import PageSums
    from store.report_queries import Sums

RHYTHM_DAYS = 1
"""Every source is fetched once a night; its newest day is yesterday."""
LEAST_CALIBRATION, MOST_CALIBRATION = 0.8, 1.25
CERTAINTY = 0.8
MOST_UNASSIGNED = 0.1
LEADS_STALE_HOURS = 48.0
SOURCES: Mapping[str, str] = {
    "google_ads": "Google Ads",
    "google": "Google Ads",
    "meta": "Meta",
    "linkedin": "LinkedIn",
    "microsoft": "Microsoft",
    "tiktok": "TikTok",
    "ga4": "GA4",
    "search_console": "Search Console",
    "mailchimp": "Mailchimp",
    "brevo": "Brevo",
}


def source_ages(
    imports: Iterable[Mapping[str, Any]],
    read_at: Mapping[str, datetime | None],
    today: date,
    zone: ZoneInfo,
    now: datetime,
) -> tuple[SourceAge, ...]:
    """Return the age of the data of each source: leads and CRMs, and each platform by its oldest account.

    Parameters
    ----------
    imports
        Newest imports.
    read_at
        `Leads`, the name of a file, or the title of a CRM -> when it was read or written; None: not yet.
    today, zone, now
        Day and zone of the page, and the present time.

    Notes
    -----
    A platform is stale where its newest day is older than twice its rhythm; a file of the user's own, such as the costs
    of fairs, has none.
    """
    ages = []
    for source, at in read_at.items():
        if at is not None:
            hours = max((now - at).total_seconds(), 0.0) / 3_600.0
            ages.append(SourceAge(source, at, hours > LEADS_STALE_HOURS, int(hours // 24)))
    oldest: dict[str, tuple[date, str]] = {}
    for row in imports:
        day = date.fromisoformat(row["last_day"])
        if row["platform"] not in oldest or day < oldest[row["platform"]][0]:
            oldest[row["platform"]] = (day, row["zone"])
    for platform, (day, its_zone) in sorted(oldest.items()):
        until = min(day, today)  # a page of an earlier day does not know later ones
        age = (today - until).days
        other = its_zone if its_zone and its_zone != str(zone) else None
        is_stale = platform in SOURCES and age > 2 * RHYTHM_DAYS
        ages.append(SourceAge(SOURCES.get(platform, platform), until, is_stale, age, other))
    return tuple(ages)


def calibration_fault(sums: Sums) -> float | None:
    """Return wins that came / wins that were predicted at submit, where it is certainly outside 0.8 to 1.25.

    Parameters
    ----------
    sums
        Sums over leads whose outcomes have come: `submit_won` and `submit_win_ppm`.

    Examples
    --------
    >>> calibration_fault({"submit_won": 100, "submit_win_ppm": 50_000_000})
    2.0
    >>> calibration_fault({"submit_won": 5, "submit_win_ppm": 4_000_000}) is None
    True
    """
    won, said = sums.get("submit_won", 0), sums.get("submit_win_ppm", 0) / 1_000_000
    if said <= 0:
        return None
    tail = (1.0 - CERTAINTY) / 2.0
    low = float(gammaincinv(won, tail)) / said if won else 0.0
    high = float(gammaincinv(won + 1, 1.0 - tail)) / said
    return won / said if high < LEAST_CALIBRATION or low > MOST_CALIBRATION else None


def page_notices(
    sums: PageSums, imports: Iterable[Mapping[str, Any]], calibration: float | None, newest_lead: str | None = None
) -> tuple[Notice, ...]:
    """Return what is missing, and the command that adds it; the age of sources is next to their names.

    Parameters
    ----------
    newest_lead
        Day of the newest lead of all, needed where the page has none; None: there is none yet.
    """
    imports = list(imports)
    leads = sums.total.leads
    notices = []
    if not leads.get("leads"):
        notices.append(_no_leads(sums, newest_lead))
    if sums.total.spend is None:
        notices.append(_no_spend(sums, imports))
    if sums.total.traffic is None:
        notices.append(Notice(Level.INFO, Message("No sessions in this period."), "leadworth traffic import FILE"))
    if leads.get("leads") and not sums.has_outcomes:
        text = Message("No outcomes yet: connect the deals of the CRM.")
        notices.append(Notice(Level.WARNING, text, "leadworth crm connect NAME"))
    if leads.get("leads") and not leads.get("scored"):
        text = Message("No lead has a score: only what is seen is shown.")
        notices.append(Notice(Level.WARNING, text, "leadworth train"))
    if calibration is not None:
        values = {"ratio": Quantity(calibration, Unit.RATIO)}
        text = Message(
            "Past predictions missed the outcomes ({ratio} times as many wins came): nothing is predicted.", values
        )
        notices.append(Notice(Level.WARNING, text, "leadworth train"))
    unassigned = sums.channels.get("Unassigned")
    if unassigned is not None and unassigned.leads.get("leads", 0) > MOST_UNASSIGNED * max(leads.get("leads", 0), 1):
        values = {"share": Quantity(unassigned.leads["leads"] / leads["leads"], Unit.SHARE)}
        notices.append(Notice(Level.WARNING, Message("{share} of the leads have no channel.", values)))
    notices += list(_quality(imports))
    return tuple(notices)


def _no_leads(sums: PageSums, newest: str | None) -> Notice:
    if newest is None:
        text = Message("No leads yet: send forms to the service, or name a file or the CRM with the leads.")
        return Notice(Level.INFO, text, "leadworth report build")
    filters = sums.filters
    if filters.channel or filters.campaign or filters.country:
        text = Message("No lead of this period has these filters: remove one, or choose another period.")
        return Notice(Level.INFO, text)
    values = {"day": date.fromisoformat(newest)}
    return Notice(Level.INFO, Message("No leads in this period; the newest is of {day}.", values))


def _no_spend(sums: PageSums, imports: list[Mapping[str, Any]]) -> Notice:
    spend_days = [date.fromisoformat(row["last_day"]) for row in imports if row["kind"] == "spend"]
    if not sums.spend_has_countries:
        return Notice(Level.INFO, Message("Spend does not say its country: remove the filter to see returns."))
    if not spend_days:
        return Notice(
            Level.INFO, Message("No spend yet: import the reports of the ad platforms."), "leadworth spend import FILE"
        )
    values = {"day": max(spend_days)}
    return Notice(
        Level.INFO,
        Message("No usable spend in this period; the newest is of {day}.", values),
        "leadworth spend import FILE",
    )


def _quality(imports: Iterable[Mapping[str, Any]]) -> Iterable[Notice]:
    """Yield what sources say about their own counts: sampled, thresholded, with rows left out."""
    seen = set()
    for row in imports:
        if row["quality"] and (row["platform"], row["quality"]) not in seen:
            seen.add((row["platform"], row["quality"]))
            values: dict[str, str | Quantity] = {
                "source": SOURCES.get(row["platform"], row["platform"]),
                "quality": row["quality"],
            }
            yield Notice(Level.INFO, Message("{source}: {quality}", values))
