"""Campaign, click ids, form, time, profile and initiative."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from features import campaign, clicks, form, initiative, profile, timing
from features.base import Cell, Group
from tests.features.cells import cells

GCLID = "EAIaIQobChMI" + "a" * 43


def one(groups: tuple[Group, ...], name: str, value: object) -> Cell:
    """Return one feature of a group with one input."""
    group = next(group for group in groups if name in [feature.name for feature in group.features])
    return cells(group, value)[name]


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("https://acme.de/Demo/?gclid=1#x", "/demo"),
        ("acme.de/demo", "acme.de/demo"),
        ("https://acme.de", "/"),
        ("/?x=1", "/"),
        ("?x", "/"),
    ],
)
def test_landing_pages_without_their_query(page: str, path: str) -> None:
    assert one(campaign.GROUPS, "campaign_landing_path", page) == path


def test_referrer_host() -> None:
    assert one(campaign.GROUPS, "campaign_referrer_host", "https://www.google.com/search?q=secret") == "google.com"


def clicked(source: str | None, **ids: str) -> dict[str, Cell]:
    """Return the features of click ids."""
    return cells(clicks.GROUPS[0], *[{"source": source, **ids}.get(name) for name in clicks.GROUPS[0].inputs])


def test_click_ids() -> None:
    found = clicked("google", gclid=GCLID, gbraid="0AAAAA")
    assert (found["click_platforms"], found["click_platform"]) == (1.0, "google")
    assert (found["click_gclid_valid"], found["click_source_conflict"]) == (1.0, 0.0)
    assert clicked("google", fbclid="IwAR1")["click_source_conflict"] == 1.0
    assert clicked("google", fbclid="IwAR1", gclid=GCLID)["click_platforms"] == 2.0
    assert clicked(None)["click_platforms"] == 0.0


@pytest.mark.parametrize("gclid", [GCLID.lower(), "test", "CjwKCA", "x" * 60])
def test_gclids_that_google_did_not_write(gclid: str) -> None:
    assert clicked("google", gclid=gclid)["click_gclid_valid"] == 0.0


@pytest.mark.parametrize(
    "agent",
    [
        "python-requests/2.32",
        "curl/8.5",
        "Mozilla/5.0 HeadlessChrome/150 Safari/537",
        "Googlebot/2.1",
        "Go-http-client/2",
    ],
)
def test_software_is_told_by_its_name(agent: str) -> None:
    assert one(form.GROUPS, "form_agent_automated", agent) == 1.0


@pytest.mark.parametrize(
    ("agent", "family", "mobile"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0",
            "edge",
            0.0,
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_1) AppleWebKit/605.1 Version/26.1 Mobile Safari/604.1", "safari", 1.0),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", "chrome", 1.0),
        (
            "Mozilla/5.0 (Linux; Android 14; CUBOT P80) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36",
            "chrome",
            1.0,
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox", 0.0),
    ],
)
def test_browsers_are_no_software(agent: str, family: str, mobile: float) -> None:
    assert one(form.GROUPS, "form_agent_automated", agent) == 0.0
    assert one(form.GROUPS, "form_agent_family", agent) == family
    assert one(form.GROUPS, "form_agent_mobile", agent) == mobile


def test_seconds_are_logarithms_and_never_negative() -> None:
    assert one(form.GROUPS, "form_seconds_log", 2.0) == math.log1p(2)
    negative = one(form.GROUPS, "form_seconds_log", -1.0)
    assert isinstance(negative, float)
    assert math.isnan(negative)


def test_late_evening_lies_beside_midnight() -> None:
    late = cells(timing.GROUP, datetime(2026, 3, 2, 23, tzinfo=UTC))
    early = cells(timing.GROUP, datetime(2026, 3, 3, 0, tzinfo=UTC))
    assert (
        math.dist([late["time_hour_sin"], late["time_hour_cos"]], [early["time_hour_sin"], early["time_hour_cos"]])
        < 0.3
    )  # type: ignore[arg-type]
    assert (late["time_weekday"], early["time_weekday"], early["time_weekend"]) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("title", "level", "department"),
    [
        ("CEO & Founder", 5, "none named"),
        ("Marketing Director", 4, "marketing"),
        ("Geschäftsführerin", 5, "none named"),
        ("Responsabile acquisti", 3, "purchasing"),
        ("Assistant to the CEO", 1, "none named"),
        ("étudiante", 0, "none named"),
        ("генеральный директор", 5, "none named"),
        ("마케팅팀장", 3, "marketing"),
        ("대표이사", 5, "none named"),
        ("Software Engineer", 2, "it"),
        ("Vertriebsleiterin", 4, "sales"),
        ("Jefe de ventas", 4, "sales"),
        ("welder", 2, "none named"),
        ("Directeur commercial", 4, "sales"),
    ],
)
def test_job_titles_in_seven_languages(title: str, level: float, department: str) -> None:
    assert one(profile.GROUPS, "profile_seniority", title) == level
    assert one(profile.GROUPS, "profile_department", title) == department


def test_counts_below_zero_are_missing() -> None:
    assert one(initiative.GROUPS, "initiative_visits", 3.0) == 3.0
    negative = one(initiative.GROUPS, "initiative_visits", -3.0)
    assert isinstance(negative, float)
    assert math.isnan(negative)
