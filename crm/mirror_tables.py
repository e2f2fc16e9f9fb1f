"""Leads and outcomes from the mirror of a CRM, as tables like those of files.

`[leads] path = "crm:hubspot"` has one row per lead that the CRM still has, with its fields as known at creation: where
former values are stored, the one at creation; else the present one. Fields that sales fills later are left out unless
the settings name them. `[outcomes] path = "crm:hubspot"` has the stages of the deals of each lead; see
`crm.mirror_outcomes`.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from crm.crm_connection import open_connector
from crm.mirror_fields import ACCOUNT, PREFIX
from crm.mirror_outcomes import COLUMNS, Cells, account_of, outcome_rows
from crm.mirror_reads import shared_table
from crm.mirror_sync import crm_cipher, utc_now
from crm.mirror_values import written, written_time
from crm.raw_table import RawBatch, RawTable
from crm.stream_state import StreamState
from leadworth.crm_catalog import CrmInfo, ObjectRole
from leadworth.errors import ConfigurationError, InputError
from leadworth.settings import LeadsSource, OutcomesSource, Settings, TableLocation
from store import crm_changes, crm_field_lists, crm_links
from store.crm_changes import KnownChange
from store.crm_mirror import CrmMirror, MirrorRow
from store.engine import is_new, open_engine, store_url
from store.migrate import revisions
from store.store_errors import store_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LEAD_ID, CREATED_AT = "lead_id", "created_at"
BATCH_ROWS = 5_000
AT_SUBMIT = timedelta(minutes=5)
"""Values that a form or an integration sets this soon after the creation count as known at submit."""


def open_mirror_table(settings: Settings, source: TableLocation, only: Collection[str] | None = None) -> RawTable:
    """Open the leads or the outcomes of a mirror; whole tables are shared within `crm.mirror_reads.mirror_reads`.

    Parameters
    ----------
    only
        Ids of the leads to read; outcomes of other leads may come too. None: all.

    Raises
    ------
    ConfigurationError
        If the CRM is unknown, or the source is neither the leads nor the outcomes.
    InputError
        If the mirror is empty.
    StoreError
        If the store does not answer.
    """
    crm = source.path.removeprefix(PREFIX)
    if not isinstance(source, LeadsSource | OutcomesSource):
        raise ConfigurationError(
            f"a joined table has path {source.path!r}", allowed="files and databases; deals of a CRM name their leads"
        )
    if only is not None:
        return _open(settings, source, crm, only)
    name = f"{source.path} {'outcomes' if isinstance(source, OutcomesSource) else 'leads'}"
    return shared_table(settings, name, lambda: _open(settings, source, crm, None))


def _open(settings: Settings, source: LeadsSource | OutcomesSource, crm: str, only: Collection[str] | None) -> RawTable:
    with open_connector(settings, crm, offline=True) as connector:
        info, lead_object = connector.info, connector.lead_object
    engine = open_engine(store_url(settings))
    try:
        _require_filled(engine, settings, crm, lead_object)
        if isinstance(source, OutcomesSource):
            known = _known_values(engine, crm, info, lead_object)
            rows = _outcomes(settings, engine, crm, info, lead_object, only)
            return RawTable(f"{crm} outcomes", COLUMNS, _batches(rows, COLUMNS), known_values=known)
        columns = lead_columns(settings, engine, crm, info, lead_object)
        rows = _leads(settings, engine, crm, info, lead_object, columns, only)
        return RawTable(f"{crm} {lead_object}", columns, _batches(rows, columns))
    finally:
        engine.dispose()  # the rows open a connection when they are read


def late_fields(settings: Settings, info: CrmInfo, lead_object: str) -> set[str]:
    """Return the late fields of the leads that the settings do not name."""
    return set(info.objects[lead_object].late) - _named(settings) - status_fields(settings)


def _named(settings: Settings) -> set[str]:
    """Return the fields of the leads that the settings name as columns and features."""
    features = settings.leads.features
    return {*settings.leads.columns.values(), *features.numeric, *features.categorical, *features.text}


def status_fields(settings: Settings) -> set[str]:
    """Return the fields of the leads that say whether a lead is junk or engaged: outcomes, read as they are now."""
    outcomes = settings.outcomes
    return {status.column for status in (outcomes.junk, outcomes.engaged) if status is not None}


def lead_columns(settings: Settings, engine: Engine, crm: str, info: CrmInfo, lead_object: str) -> tuple[str, ...]:
    """Return the columns of the leads: id, creation, account and the fields that the last run read.

    A field that the settings name and that vanished from the CRM keeps the values that were read before.
    """
    with store_errors(), engine.connect() as connection:
        gone = {name for of, name, _ in crm_field_lists.vanished_fields(connection, crm) if of == lead_object}
    fields = StreamState(engine, crm, utc_now).fields(lead_object) - late_fields(settings, info, lead_object)
    fields |= gone & _named(settings)
    own = (LEAD_ID, CREATED_AT, ACCOUNT)
    return (*own, *sorted(fields - set(own)))


def _known_values(engine: Engine, crm: str, info: CrmInfo, lead_object: str) -> frozenset[str]:
    """Return the stages of deals by label, and the choices of the lead's fields."""
    with store_errors(), engine.connect() as connection:
        objects = {*info.with_role(ObjectRole.DEAL), lead_object}
        stages = [stage for name in objects for stage in crm_field_lists.stages_of(connection, crm, name)]
        choices = [field.options for field in crm_field_lists.fields_of(connection, crm, lead_object)]
    return frozenset({stage.label or stage.value for stage in stages} | {value for names in choices for value in names})


def _require_filled(engine: Engine, settings: Settings, crm: str, lead_object: str) -> None:
    """Raise InputError where the mirror has no leads."""
    with store_errors():
        empty = is_new(engine) or len(set(revisions(engine))) > 1
        if not empty:
            with engine.connect() as connection:
                counts = CrmMirror(connection, crm, crm_cipher(settings)).counts()
            empty = lead_object not in counts
    if empty:
        raise InputError(f"the mirror of {crm} has no {lead_object}", do=f"run `leadworth crm sync {crm}`")


@contextmanager
def _opened(engine: Engine) -> Iterator[Connection]:
    """Yield a connection, and close all of the engine afterwards, also where only some of the rows were read."""
    try:
        with store_errors(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _leads(
    settings: Settings,
    engine: Engine,
    crm: str,
    info: CrmInfo,
    lead_object: str,
    columns: Sequence[str],
    only: Collection[str] | None,
) -> Generator[list[Cells]]:
    """Yield the rows of the leads in lists."""
    companies = set(info.with_role(ObjectRole.COMPANY))
    outcomes = status_fields(settings)
    wanted = frozenset(columns)
    with _opened(engine) as connection:
        mirror = CrmMirror(connection, crm, crm_cipher(settings))
        for part in mirror.scan(lead_object, ids=only):
            rows = [row for row in part if not row.erased]
            ids = [row.record.record_id for row in rows]
            changes = crm_changes.of_records(mirror, lead_object, ids)
            links = crm_links.of_records(mirror, lead_object, ids)
            accounts = {key: account_of(items, companies) for key, items in links.items()}
            yield [_lead_row(row, changes.get(row.record.record_id, ()), accounts, outcomes, wanted) for row in rows]


def _lead_row(
    row: MirrorRow,
    changes: Sequence[KnownChange],
    accounts: Mapping[str, str | None],
    outcomes: Collection[str],
    wanted: frozenset[str],
) -> Cells:
    """Return the cells of a lead as known at creation, those of `outcomes` as they are now."""
    record = row.record
    values = {name: written(value) for name, value in record.values.items() if name in wanted}
    if record.created_at is not None:
        former = known_at_creation(changes, record.created_at)
        values |= {name: value for name, value in former.items() if name not in outcomes}
    own = {LEAD_ID: record.record_id, CREATED_AT: written_time(record.created_at)}
    return values | own | {ACCOUNT: accounts.get(record.record_id)}


def known_at_creation(changes: Sequence[KnownChange], created_at: datetime) -> dict[str, str | None]:
    """Return the values at creation of the fields with former values; None for those that were filled later.

    Parameters
    ----------
    changes
        Changes of one record, in order of their valid time.
    """
    values: dict[str, str | None] = {item.change.field: None for item in changes}
    for item in changes:
        if item.change.valid_at <= created_at + AT_SUBMIT:
            values[item.change.field] = written(item.change.value)
    return values


def _outcomes(
    settings: Settings, engine: Engine, crm: str, info: CrmInfo, lead_object: str, only: Collection[str] | None
) -> Generator[list[Cells]]:
    with _opened(engine) as connection:
        mirror = CrmMirror(connection, crm, crm_cipher(settings))
        objects = {*info.with_role(ObjectRole.DEAL), lead_object}
        stages = {name: crm_field_lists.stages_of(connection, crm, name) for name in objects}
        yield from outcome_rows(mirror, info, lead_object, stages, settings.zone, only)


def _batches(lists: Generator[list[Cells]], columns: Sequence[str]) -> Iterator[RawBatch]:
    """Yield rows in batches of some thousands, because each batch costs its readers; the line is the row's number."""
    rows: list[Cells] = []
    count = 0
    with closing(lists):
        for some in lists:
            rows += some
            if len(rows) >= BATCH_ROWS:
                yield batch_of(rows, columns, count)
                count += len(rows)
                rows = []
        if rows:
            yield batch_of(rows, columns, count)


def batch_of(rows: Sequence[Cells], columns: Sequence[str], before: int) -> RawBatch:
    """Return rows of cells as a batch; `before` is the number of rows in earlier batches."""
    arrays = [pa.array([row.get(name) for row in rows], pa.string()) for name in columns]
    lines = np.arange(before + 1, before + 1 + len(rows), dtype=np.int64)
    return RawBatch(pa.table(arrays, names=list(columns)), lines)
