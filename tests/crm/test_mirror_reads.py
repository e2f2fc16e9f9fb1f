"""Tables of a mirror that the steps of one run share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from crm.mirror_reads import mirror_reads, shared_table
from crm.raw_table import RawBatch, RawTable
from leadworth.settings import Settings


class Source:
    """A table of two batches that counts how often it is opened and how many batches were read."""

    def __init__(self) -> None:
        self.opened = self.read = 0

    def table(self) -> RawTable:
        """Open it."""
        self.opened += 1
        return RawTable("made up", ("id",), self._batches())

    def _batches(self):  # type: ignore[no-untyped-def]
        for number in (1, 2):
            self.read += 1
            yield RawBatch(pa.table({"id": [str(number)]}), np.array([number]))


def _ids(table: RawTable) -> list[str]:
    return [key for batch in table.batches for key in batch.rows.column("id").to_pylist()]


def test_a_table_is_read_once_within_a_block_also_where_the_first_reader_stopped_early() -> None:
    settings, source = Settings(currency="EUR", leads={}), Source()
    with mirror_reads(settings):
        first = shared_table(settings, "crm:x leads", source.table)
        assert next(first.batches).lines.tolist() == [1]
        assert source.read == 1
        second = shared_table(settings, "crm:x leads", source.table)
        assert _ids(second) == ["1", "2"]
        assert _ids(first) == ["2"]
        assert (source.opened, source.read) == (1, 2)
        assert _ids(shared_table(settings, "crm:x outcomes", Source().table)) == ["1", "2"]
    assert _ids(shared_table(settings, "crm:x leads", source.table)) == ["1", "2"]
    assert source.opened == 2


def test_other_settings_read_for_themselves() -> None:
    settings, source = Settings(currency="EUR", leads={}), Source()
    with mirror_reads(settings):
        for given in (settings, settings.model_copy()):
            assert _ids(shared_table(given, "crm:x leads", source.table)) == ["1", "2"]
    assert source.opened == 2
