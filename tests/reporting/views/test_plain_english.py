"""Sentences with plain numbers, and content as JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from reporting.page.page_model import Level, Message, Notice, Quantity, Unit
from reporting.views.plain_english import as_json, english


def test_fields_are_numbers_dates_and_sentences() -> None:
    values = {
        "amount": Quantity(1234567.5, Unit.MONEY, "EUR"),
        "share": Quantity(0.25, Unit.SHARE),
        "day": date(2026, 11, 28),
        "reason": Message("{n} left", {"n": Quantity(3.0)}),
    }
    assert english(Message("{amount}, {share}, {day}: {reason}", values)) == "EUR 1234567.5, 0.25, 2026-11-28: 3 left"


def test_names_with_braces_stay_as_they_are() -> None:
    assert english("{name}") == "{name}"
    assert english(Message("only {values}", {"values": "{x}"})) == "only {x}"


def test_a_page_is_values_of_json() -> None:
    notice = Notice(Level.WARNING, Message("{n} days", {"n": Quantity(2)}))
    content = {"notices": (notice,), 1: [None, True], "at": datetime(2026, 1, 2, tzinfo=UTC)}
    assert as_json(content) == {
        "notices": [{"level": "warning", "message": "2 days", "command": None}],
        "1": [None, True],
        "at": "2026-01-02T00:00:00+00:00",
    }
    assert json.loads(json.dumps(as_json(content))) == as_json(content)
    assert as_json(()) == []
