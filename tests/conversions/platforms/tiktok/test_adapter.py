"""TikTok Events API."""

from __future__ import annotations

from pathlib import Path

from leadworth.consent import Consent
from tests.conversions.events import event, running_platforms


def test_a_person_without_consent_to_personal_ads_is_marked(tmp_path: Path) -> None:
    with running_platforms(tmp_path) as (_, named):
        body = named["tiktok"].plan(event(consent=Consent(True, False))).body
        assert body["limited_data_use"] is True
