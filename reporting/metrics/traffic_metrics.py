"""Metrics of traffic: advertisements, visits and what they do."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("Impressions"),
    Kind.LEADING,
    Unit.COUNT,
    Message("impressions"),
    ({"impressions": 4_100_000}, 4_100_000),
)
def impressions(impressions: int) -> float:
    """Return how often advertisements were shown."""
    return impressions


@define(
    Message("Clicks"),
    Kind.LEADING,
    Unit.COUNT,
    Message("clicks"),
    ({"clicks": 12_000}, 12_000),
)
def clicks(clicks: int) -> float:
    """Return the clicks on advertisements."""
    return clicks


@define(
    Message("Visits"),
    Kind.LEADING,
    Unit.COUNT,
    Message("visits"),
    ({"sessions": 60_000}, 60_000),
)
def sessions(sessions: int) -> float:
    """Return the visits of the site."""
    return sessions


@define(
    Message("Engaged visits"),
    Kind.LEADING,
    Unit.COUNT,
    Message("engaged visits"),
    ({"engaged_sessions": 33_000}, 33_000),
)
def engaged_sessions(engaged_sessions: int) -> float:
    """Return the visits that GA4 counts as engaged: over 10 seconds, a key event, or two views."""
    return engaged_sessions


@define(
    Message("Bounce rate"),
    Kind.LEADING,
    Unit.SHARE,
    Message("1 - engaged visits / visits"),
    ({"engaged_sessions": 33_000, "sessions": 60_000}, 0.45),
    higher_is_better=False,
)
def bounce_rate(engaged_sessions: int, sessions: int) -> float | None:
    """Return the share of visits that were not engaged."""
    return ratio(max(sessions - engaged_sessions, 0), sessions)


@define(
    Message("Pages per visit"),
    Kind.LEADING,
    Unit.RATIO,
    Message("page views / visits"),
    ({"views": 150_000, "sessions": 60_000}, 2.5),
)
def pages_per_session(views: int, sessions: int) -> float | None:
    """Return the page views per visit."""
    return ratio(views, sessions)


@define(
    Message("Length of a visit"),
    Kind.LEADING,
    Unit.SECONDS,
    Message("seconds of engagement / visits"),
    ({"session_seconds": 5_400_000, "sessions": 60_000}, 90.0),
)
def session_length(session_seconds: int, sessions: int) -> float | None:
    """Return the mean seconds of engagement of a visit."""
    return ratio(session_seconds, sessions)


@define(
    Message("Search impression share"),
    Kind.LEADING,
    Unit.SHARE,
    Message("impressions of search / impressions that were possible (the sum of impressions / share by day)"),
    ({"search_impressions": 1_100, "eligible_impressions": 3_000.0}, 1_100 / 3_000),
)
def impression_share(search_impressions: int, eligible_impressions: float) -> float | None:
    """Return the share of possible impressions of search: of the sums, never the mean of daily shares."""
    return ratio(search_impressions, eligible_impressions)


@define(
    Message("Value of organic traffic"),
    Kind.LEADING,
    Unit.MONEY,
    Message(
        "organic clicks at the cost per click that we paid for the same query + other "
        "organic clicks x cost of search / clicks of search"
    ),
    ({"organic_priced_value": 2_160.0, "organic_other_clicks": 300, "query_cost": 400.0, "query_clicks": 100}, 3_360.0),
)
def organic_traffic_value(
    organic_priced_value: float, organic_other_clicks: int, query_cost: float, query_clicks: int
) -> float | None:
    """Return what organic clicks would have cost as advertisements; an estimate, never added to revenue."""
    if organic_other_clicks == 0:
        return organic_priced_value
    mean_cost = ratio(query_cost, query_clicks)
    return None if mean_cost is None else organic_priced_value + organic_other_clicks * mean_cost


@define(
    Message("Inbound links"),
    Kind.LEADING,
    Unit.COUNT,
    Message("inbound links"),
    ({"inbound_links": 40}, 40),
    is_vanity=True,
)
def inbound_links(inbound_links: int) -> float:
    """Return the links of other sites to ours."""
    return inbound_links


@define(
    Message("Sign-ups"),
    Kind.LEADING,
    Unit.COUNT,
    Message("sign-ups"),
    ({"sign_ups": 80}, 80),
)
def sign_ups(sign_ups: int) -> float:
    """Return the new accounts of the product."""
    return sign_ups


@define(
    Message("Log-ins"),
    Kind.LEADING,
    Unit.COUNT,
    Message("log-ins"),
    ({"log_ins": 900}, 900),
)
def log_ins(log_ins: int) -> float:
    """Return the log-ins to the product."""
    return log_ins
