from __future__ import annotations

import math

import pytest

from features.form import GROUPS
from tests.features.cells import cell


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
def test_user_agents_of_software(agent: str) -> None:
    assert cell(GROUPS, "form_agent_automated", agent) == 1.0


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
def test_user_agents_of_browsers(agent: str, family: str, mobile: float) -> None:
    assert cell(GROUPS, "form_agent_automated", agent) == 0.0
    assert cell(GROUPS, "form_agent_family", agent) == family
    assert cell(GROUPS, "form_agent_mobile", agent) == mobile


def test_seconds_are_logarithms_and_never_negative() -> None:
    assert cell(GROUPS, "form_seconds_log", 2.0) == math.log1p(2)
    negative = cell(GROUPS, "form_seconds_log", -1.0)
    assert isinstance(negative, float)
    assert math.isnan(negative)
