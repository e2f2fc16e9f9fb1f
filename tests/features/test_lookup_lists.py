from __future__ import annotations

from datetime import date

from features.lookup_lists import LookupList, dated_of, lists, lists_hash


def test_lists_have_dates_and_one_digest() -> None:
    assert {item.name for item in lists()} > {"networks.toml", "disposable-email-domains", "letter_trigrams.txt"}
    assert len(lists_hash()) == 16
    assert all(len(item.digest) == 16 for item in lists())
    old = LookupList("x", "1", date(2026, 1, 1), "0" * 16, "MIT")
    assert old.stale(date(2026, 4, 2))
    assert not old.stale(date(2026, 4, 1))
    assert dated_of("0.0.293") is None
