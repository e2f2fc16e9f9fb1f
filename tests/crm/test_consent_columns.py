"""Consent values that are not understood."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from crm.consent_columns import consents_not_understood, describe_not_understood, read_consents_not_understood
from leadworth.settings import LeadsSource, Settings

SOURCE = LeadsSource(columns={"consent_ad_user_data": "Ads"}, missing=["n/a"])


def test_values_are_counted_and_redacted() -> None:
    rows = pa.table({"Ads": ["yes", "no", "maybe", "maybe", "ask ada@example.org", "n/a", "", None]})
    counts = consents_not_understood(rows, SOURCE)

    assert counts["maybe"] == 2
    assert counts["n/a"] == 1, "a token that means missing elsewhere is not an empty consent"
    assert counts.total() == 4
    assert "ada@example.org" not in describe_not_understood(counts)


def test_the_leads_of_the_settings_are_counted(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,Ads\n1,maybe\n2,yes\n")
    leads = {"path": "leads.csv", "columns": {"consent_ad_user_data": "Ads"}}

    assert read_consents_not_understood(Settings(currency="EUR", folder=tmp_path, leads=leads)) == {"maybe": 1}
    assert not read_consents_not_understood(Settings(currency="EUR", folder=tmp_path, leads={"path": "absent.csv"}))
