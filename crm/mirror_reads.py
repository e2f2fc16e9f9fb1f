"""Tables of a mirror that several steps of one run read: each is read and decrypted once, and kept for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from crm.raw_table import RawBatch, RawTable
from leadworth.settings import Settings


class _KeptTable:
    """Table whose batches are kept as they are read, so that it can be read again."""

    def __init__(self, table: RawTable) -> None:
        self._table = table
        self._batches: list[RawBatch] = []

    def again(self) -> RawTable:
        """Return the table from its beginning."""
        return replace(self._table, batches=self._from_begin())

    def _from_begin(self) -> Iterator[RawBatch]:
        position = 0
        while True:
            if position == len(self._batches):
                following = next(self._table.batches, None)
                if following is None:
                    return
                self._batches.append(following)
            yield self._batches[position]
            position += 1


class MirrorReads:
    """Tables that were opened with the same settings.

    Parameters
    ----------
    settings
        Settings of the run; tables opened with others are not kept.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tables: dict[str, _KeptTable] = {}

    def table(self, settings: Settings, name: str, read: Callable[[], RawTable]) -> RawTable:
        """Return a table of the mirror; see `shared_table`."""
        if settings is not self._settings:
            return read()
        if name not in self._tables:
            self._tables[name] = _KeptTable(read())
        return self._tables[name].again()


_READS: ContextVar[MirrorReads | None] = ContextVar("mirror_reads", default=None)


@contextmanager
def mirror_reads(settings: Settings) -> Iterator[None]:
    """Keep the tables of the mirror that are read within the block, in memory; what is stored meanwhile is not seen.

    Parameters
    ----------
    settings
        Settings of the run, the same object in all of its steps.
    """
    token = _READS.set(MirrorReads(settings))
    try:
        yield
    finally:
        _READS.reset(token)


def shared_table(settings: Settings, name: str, read: Callable[[], RawTable]) -> RawTable:
    """Return a table of the mirror, from memory where this run read it already.

    Parameters
    ----------
    name
        CRM and content of the table.
    read
        Opens it.
    """
    reads = _READS.get()
    return read() if reads is None else reads.table(settings, name, read)
