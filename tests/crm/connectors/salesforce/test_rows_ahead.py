"""Rows of joining objects that are read ahead of the records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.connectors.salesforce.rows_ahead import RowPosition, Rows, RowsAhead

PAGE = 3
keys = st.sampled_from("abcdefgh")


class Source:
    """Rows in pages of at most three; some pages are shorter than that and not the last."""

    def __init__(self, records: list[str], short: bool) -> None:
        ordered = sorted(records)
        self.rows = [{"LeadId": key, "Id": f"{number:03d}"} for number, key in enumerate(ordered)]
        self.short = short
        self.reads = 0

    def read(self, position: RowPosition) -> tuple[Rows, bool]:
        self.reads += 1
        size = PAGE - 1 if self.short and self.reads % 2 else PAGE
        later = [row for row in self.rows if (row["LeadId"], row["Id"]) > (position.record_id, position.row_id)]
        return later[:size], len(later) > size


@given(st.lists(keys, max_size=30), st.lists(st.tuples(keys, keys), max_size=8), st.booleans())
def test_every_range_has_all_its_rows_in_any_order_of_ranges(
    records: list[str], ranges: list[tuple[str, str]], short: bool
) -> None:
    source = Source(records, short)
    ahead = RowsAhead("LeadId", source.read)
    for first, last in map(sorted, ranges):
        assert ahead.between(first, last) == [row for row in source.rows if first <= row["LeadId"] <= last]


@given(st.lists(keys, max_size=40))
def test_ranges_one_after_the_other_take_no_more_pages_than_the_rows_fill(records: list[str]) -> None:
    source = Source(records, short=False)
    ahead = RowsAhead("LeadId", source.read)
    assert [row for key in "abcdefgh" for row in ahead.between(key, key)] == source.rows
    assert source.reads == max(-(-len(records) // PAGE), 1)
