"""Statistics by which SQLite chooses the indexes of the CRM mirror.

Without statistics it takes the first column of an index for selective. That column is the CRM, so that a look-up of one
association reads those of all records. These are written once: `ANALYZE` of a small mirror misleads when it has grown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

STATISTICS = {
    ("crm_aliases", "sqlite_autoindex_crm_aliases_1"): "10000 10000 10000 1",
    ("crm_aliases", "crm_aliases_of"): "10000 10000 10000 2",
    ("crm_links", "sqlite_autoindex_crm_links_1"): "1000000 1000000 250000 3 2 1 1",
    ("crm_links", "crm_links_to"): "1000000 1000000 250000 3",
    ("crm_persons", "sqlite_autoindex_crm_persons_1"): "1000000 1000000 500000 2 1",
    ("crm_persons", "crm_persons_of_digest"): "1000000 2",
    ("crm_records", "sqlite_autoindex_crm_records_1"): "1000000 1000000 250000 1",
    ("crm_records", "crm_records_by_known"): "1000000 1000000 250000 250",
}
"""Table and index -> rows of a large mirror, and rows with the same first one, two, ... columns of the index."""


def write_statistics(connection: Connection) -> None:
    """Write the statistics into a SQLite database without any."""
    connection.exec_driver_sql("ANALYZE sqlite_master")  # creates the table of statistics
    rows = [(table, index, numbers) for (table, index), numbers in STATISTICS.items()]
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
    connection.exec_driver_sql("ANALYZE sqlite_master")  # reads it


def delete_statistics(connection: Connection) -> None:
    """Delete the statistics of a SQLite database."""
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    connection.exec_driver_sql("ANALYZE sqlite_master")
