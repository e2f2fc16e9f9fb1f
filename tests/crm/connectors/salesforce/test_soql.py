"""Texts of queries, ids and times."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.connectors.salesforce.soql import full_id, moment, parse_moment, quoted
from crm.connectors.salesforce.soql_parser import SoqlParser


@settings(max_examples=40)
@given(st.text("'\\a é\n\"%_", max_size=12))
def test_every_text_is_the_same_after_the_parser(value: str) -> None:
    query = SoqlParser(f"SELECT Id FROM Lead WHERE Name = {quoted(value)}", {"Id": "id", "Name": "string"}).parse()
    assert query.condition({"Name": value})
    assert not query.condition({"Name": value + "x"})
    assert quoted(value)[1:-1].count("'") == quoted(value)[1:-1].count("\\'")


@given(st.from_regex(r"[0-9A-Za-z]{15}", fullmatch=True))
def test_ids_of_15_characters_that_differ_in_case_only_differ_in_18_without_case(short: str) -> None:
    long = full_id(short)
    assert (len(long), long[:15], full_id(long)) == (18, short, long)
    if short.swapcase() != short:
        assert full_id(short.swapcase()).lower() != long.lower()


def test_ids_of_other_forms_stay() -> None:
    assert full_id("") == ""
    assert full_id("person") == "person"


@given(st.datetimes(min_value=datetime(1999, 1, 1), timezones=st.just(UTC)))
def test_times_round_to_the_window_that_contains_them(at: datetime) -> None:
    assert parse_moment(moment(at)) <= at <= parse_moment(moment(at, up=True))
