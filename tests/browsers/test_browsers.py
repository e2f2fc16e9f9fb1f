"""Real browsers on the landing page: drivers are detected as automated, a session by mouse and keyboard is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models.bundle import Bundle
from tests.browsers import drivers, hands
from tests.browsers.conftest import Site

pytestmark = pytest.mark.slow
AUTOMATED = 0.9  # of the policy


@pytest.mark.parametrize("name", drivers.MACHINES)
def test_what_drives_a_browser_is_called_automated(site: Site, name: str, known_bundle: Path) -> None:
    before = len(site.leads())
    result = drivers.MACHINES[name](site.address)
    leads = site.leads()
    assert len(leads) == before + 1
    lead = leads[0]
    assert lead["automation_probability"] >= AUTOMATED
    assert lead["verdict"] != "accept"
    assert lead["would_be"] != "reject" or "junk-held" not in lead["reasons"]
    assert Bundle.load(known_bundle / "1").policy.verdict.automated == AUTOMATED
    print(f"{name}: automation {lead['automation_probability']:.3f}; BotD: {result and result['bot']}")  # noqa: T201


@pytest.mark.parametrize("person", [hands.person, hands.password_manager, hands.private_browser])
def test_a_hand_is_not_called_automated(site: Site, person: Callable[[str], None]) -> None:
    """Nor is it reviewed, and it costs no MQL: a password manager, or a browser that resists fingerprinting."""
    absent = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)} (see `make check-slow`)")
    before = len(site.leads())
    person(site.address)
    leads = site.leads()
    assert len(leads) == before + 1
    automation, junk = leads[0]["automation_probability"], leads[0]["junk_probability"]
    print(f"{person.__name__}: automation {automation:.3f}, junk {junk:.3f}")  # noqa: T201
    assert automation < AUTOMATED  # graphics drawn by software, for want of a card, count too
    assert junk < 0.5
    assert leads[0]["verdict"] == "accept"
