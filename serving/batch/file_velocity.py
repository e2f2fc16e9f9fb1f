"""Velocity counts of the leads of a file: among the leads of the file and the events of the store.

The store is imported where it is used: workers that score partitions do not need it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crm.lead_batches import LeadFile
from crm.rejects import Rejects
from crm.table_sources import leads_at
from features.velocity_counter import LONGEST_WINDOW
from features.velocity_keys import DOMAIN, INPUTS, SECRET_PURPOSE
from features.velocity_table import VelocityCounts, VelocityTable
from leadworth.errors import LeadworthError
from leadworth.key_derivation import key_for
from serving.batch.velocity_files import VelocityFiles

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from features.feature_spec import FeatureSpec
    from leadworth.settings import LeadsSource, Settings


_UNDATED = "no lead has a time of submit; set submitted_at in [leads] to the column that has it"


@dataclass(frozen=True)
class FileVelocity:
    """Counts of the leads of a file, in the order of its rows.

    Attributes
    ----------
    counts
        None where the model does not use them, or no lead has a time.
    warnings
        What the counts lack, in sentences.
    """

    counts: VelocityCounts | None
    warnings: tuple[str, ...] = ()


def count_file(
    path: Path, settings: Settings, spec: FeatureSpec, *, write: bool, only: Collection[str] | None = None
) -> FileVelocity:
    """Read a file once, and count its leads.

    Parameters
    ----------
    path
        File of leads.
    settings
        Meaning of the columns; the store.
    spec
        Of the model that will score the file.
    write
        Whether the leads are added to the store.
    only
        Ids of the leads to read from the mirror of a CRM; None: all.
    """
    if "velocity" not in spec.needs:
        return FileVelocity(None)
    table = VelocityTable(key_for(settings, SECRET_PURPOSE))
    source = key_columns(settings.leads)
    for _, leads in LeadFile(leads_at(settings, path, only), source, settings.zone, {}, Rejects(None)).batches():
        table.add(leads)
    return count_table(table, settings, write=write)


def key_columns(source: LeadsSource) -> LeadsSource:
    """Return the settings of the leads with no other columns than those from which velocity keys are made."""
    return source.model_copy(
        update={"columns": {field: column for field, column in source.columns.items() if field in INPUTS}}
    )


def count_table(table: VelocityTable, settings: Settings, *, write: bool) -> FileVelocity:
    """Count the leads of a table among themselves and the events of the store; see `count_file`."""
    warnings = exchange_events(table, settings, write=write)
    return FileVelocity(None if table.span() is None else table.counts(), warnings)


def exchange_events(table: VelocityTable | VelocityFiles, settings: Settings, *, write: bool) -> tuple[str, ...]:
    """Add what the store knows to the leads of a table, and with `write` the leads to the store; return warnings."""
    from store import velocity_events
    from store.engine import is_new, open_store

    span = table.span()
    if span is None:
        return (f"The model needs velocity, which this file cannot give: {_UNDATED}.",)
    try:
        with open_store(settings, migrate=write) as engine:
            if write or not is_new(engine):
                _read(engine, table, span)
            if write:
                recorded = table.span(velocity_events.last_moment())
                if recorded:
                    velocity_events.write_all(engine, table.events, recorded[1], DOMAIN)
    except LeadworthError as error:
        return (f"Velocity counts are those of the file alone, and later scores do not count its leads: {error}",)
    return ()


def _read(engine: Engine, table: VelocityTable | VelocityFiles, span: tuple[int, int]) -> None:
    """Add what the store knows about the time of the leads and the windows before."""
    from store import velocity_events

    with engine.connect() as connection:
        for rows in velocity_events.between(connection, span[0] - LONGEST_WINDOW, span[1]):
            table.add_known(rows.times, rows.persons, rows.keys)
        table.add_sightings(*velocity_events.sightings(connection))
