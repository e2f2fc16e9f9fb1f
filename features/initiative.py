"""Initiative of the lead before the form: visits, pages, downloads, webinars, demo request."""

from __future__ import annotations

from features.feature_group import NAN, Cell, Feature, FeatureGroup, as_flag, as_log


def _count(value: float | None) -> tuple[Cell, ...]:
    return (NAN if value is None or value < 0 else value,)


def _count_group(field: str, feature: Feature) -> FeatureGroup:
    return FeatureGroup(feature.name, (field,), (feature,), _count)


GROUPS = (
    _count_group("visits", Feature("initiative_visits", "number", "Visits up to the form", unit="n")),
    _count_group("pages_viewed", Feature("initiative_pages", "number", "Pages viewed before the form", unit="n")),
    _count_group(
        "content_downloads",
        Feature("initiative_downloads", "number", "Content downloads", unit="n", monotone=1),
    ),
    _count_group(
        "webinars_attended", Feature("initiative_webinars", "number", "Webinars attended", unit="n", monotone=1)
    ),
    _count_group("emails_clicked", Feature("initiative_emails", "number", "Clicks in e-mails", unit="n")),
    _count_group(
        "pricing_views",
        Feature("initiative_pricing_views", "number", "Views of the pricing page", unit="n", monotone=1),
    ),
    FeatureGroup(
        "initiative_demo",
        ("demo_requested",),
        (Feature("initiative_demo", "flag", "Demo", "Requested a demo", "Did not request a demo", monotone=1),),
        as_flag,
    ),
    FeatureGroup(
        "initiative_session",
        ("session_seconds",),
        (Feature("initiative_session_log", "number", "Session", "Session of {} s before the form", unit="ln(1 + s)"),),
        as_log,
    ),
    FeatureGroup(
        "initiative_acquaintance",
        ("days_since_first_visit",),
        (Feature("initiative_first_visit_log", "number", "First visit", "First visit {} days ago", unit="ln(1 + d)"),),
        as_log,
    ),
)
