"""Dry run: events as they would be sent, redacted; nothing changes."""

from __future__ import annotations

import json

from conversions.dry_run import dry_run
from tests.conversions.export_setup import ExportSetup, lead


def test_nothing_is_sent_or_changed_and_nothing_personal_is_shown(export: ExportSetup) -> None:
    export.add(lead(1), lead(2, consent_ad_user_data=False), to=("google", "meta"))
    before = export.rows()
    result = dry_run(export.engine, [export.worker(name) for name in ("google", "meta")])
    assert result.counts == {
        (name, what): 1 for name in ("google", "meta") for what in ("would be sent", "suppressed: no-consent")
    }
    [shown] = result.report["google"]
    assert (shown["sent_value"], shown["version"]) == ("10.00", 1)
    assert export.rows() == before
    assert export.sandbox.of("google").counts == {}
    text = json.dumps(result.report)
    assert "firm1" not in text
    assert "Cj0KCQ1" not in text
