"""Metrics of webinars, events, downloads and social networks."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("Webinar attendance"),
    Kind.LEADING,
    Unit.SHARE,
    Message("attended webinars / registered for webinars"),
    ({"webinar_attended": 120, "webinar_registered": 300}, 0.4),
)
def webinar_attendance(webinar_attended: int, webinar_registered: int) -> float | None:
    """Return the share of the registered who attended a webinar."""
    return ratio(webinar_attended, webinar_registered)


@define(
    Message("Event attendance"),
    Kind.LEADING,
    Unit.SHARE,
    Message("attended events / registered for events"),
    ({"event_attended": 90, "event_registered": 150}, 0.6),
)
def event_attendance(event_attended: int, event_registered: int) -> float | None:
    """Return the share of the registered who attended an event."""
    return ratio(event_attended, event_registered)


@define(
    Message("Downloads"),
    Kind.LEADING,
    Unit.COUNT,
    Message("downloads of content"),
    ({"downloads": 210}, 210),
)
def downloads(downloads: int) -> float:
    """Return the downloads of content."""
    return downloads


@define(
    Message("Social engagement"),
    Kind.LEADING,
    Unit.SHARE,
    Message("reactions, comments and shares / impressions in social networks"),
    ({"social_engagement": 150, "social_impressions": 10_000}, 0.015),
)
def social_engagement(social_engagement: int, social_impressions: int) -> float | None:
    """Return how often people react to a post that they see."""
    return ratio(social_engagement, social_impressions)


@define(
    Message("Likes"),
    Kind.LEADING,
    Unit.COUNT,
    Message("likes"),
    ({"social_likes": 500}, 500),
    is_vanity=True,
)
def social_likes(social_likes: int) -> float:
    """Return the likes in social networks."""
    return social_likes
