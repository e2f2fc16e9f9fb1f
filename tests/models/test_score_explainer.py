"""Reasons of a score in each form."""

from __future__ import annotations

import json

from tests.make_bundle import NOW, make_bundle, make_leads

BUNDLE = make_bundle()


def test_the_forms_agree_on_the_first_reason() -> None:
    leads = make_leads(40, seed=3)
    tables = {style: BUNDLE.score_table(leads, scored_at=NOW, reasons=style) for style in ("json", "text", "none")}
    for numbers in ("predicted_value", "verdict", "mql_reason"):
        assert tables["json"][numbers].equals(tables["text"][numbers])
    assert tables["none"]["reasons"].eq("").all()
    for full, text in zip(tables["json"]["reasons"], tables["text"]["reasons"], strict=True):
        reasons = [reason for reason in json.loads(full) if reason["code"] not in {"baseline", "other"}]
        first = text.split("; ")[0]
        assert first.removesuffix(" (+)").removesuffix(" (-)").rstrip("…") in reasons[0]["text"]
        assert len(text) <= 3 * 64 + 4
