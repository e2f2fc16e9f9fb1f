"""Outcome table: read rows of outcomes; `crm.outcome_fold` reduces them to one row per lead.

Three shapes are supported, in the file of the leads or in a file of their own:

- **one row per lead or deal**, with a flag or date for won and a flag or date for lost;
- **a current stage**, compared with `won_stages` and `lost_stages`;
- **a stage history** (`stage` and `stage_at`, one row per change): see `crm.stage_history`.

If a flag or a stage determines whether a lead is won, a date alone does not (many CRMs fill the close
date of open deals too); if the flag is empty or not set, `won_at` alone means won. A flag that never says
no is a checkbox: where it is empty, it means no. Scoring takes this from the history, which has leads of
all kinds. A date, flag, amount or currency that is written but cannot be read is a fault of its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Self, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crm import casts as typed
from crm.cell_faults import CellFaults, FaultKind
from crm.column_cast import Column, Values
from crm.date_formats import Parse
from crm.inference.stage_meanings import stage_kind
from crm.lead_table import choose_column_parser
from crm.mirror_fields import is_crm
from crm.raw_table import RawBatch
from crm.revenue_currency import UNREADABLE, converted, read_currencies
from leadworth.readers.flag_reader import Outcome
from leadworth.settings import NO_CURRENCY, ColumnValues, LeadsSource, OutcomesSource, Settings

UNREADABLE_REVENUE = "unreadable revenue"
MOMENTS = ("won_at", "lost_at", "stage_at", "known_at")
SAMPLED = (*MOMENTS, *get_args(Outcome))
"""Settings of columns of which `OutcomeReader.from_sample` needs a sample: date formats, and whether a flag says no."""
_READ = (*MOMENTS, *get_args(Outcome), "revenue", "currency")
"""Settings of columns whose cells may be unreadable."""


def named_columns(source: OutcomesSource) -> dict[str, str]:
    """Return setting -> column for every column of [outcomes] except the id.

    Examples
    --------
    >>> named_columns(OutcomesSource(won="Converted", junk={"column": "Status", "values": ["Spam"]}))
    {'won': 'Converted', 'junk.column': 'Status'}
    """
    settings = ("won", "won_at", "lost", "lost_at", "stage", "stage_at", "revenue", "currency", "known_at", "deal_id")
    names = {setting: getattr(source, setting) for setting in settings if getattr(source, setting)}
    for setting in ("junk", "engaged"):
        values: ColumnValues | None = getattr(source, setting)
        if values is not None:
            names[f"{setting}.column"] = values.column
    return names


def outcomes_source(settings: Settings) -> OutcomesSource:
    """Return [outcomes] with the defaults of [leads]."""
    source = settings.leads
    outcomes = settings.outcomes
    defaults: dict[str, object] = {"lead_id": outcomes.lead_id or source.id}
    if outcomes.path in {"", source.path}:
        defaults["sheet"] = outcomes.sheet or source.sheet
    if not outcomes.path:
        defaults["path"] = source.path
        if not (outcomes.table or outcomes.query):
            defaults |= {"table": source.table, "query": source.query}
        defaults |= {"date_format": outcomes.date_format or source.date_format}
        defaults |= {"decimal": outcomes.decimal or source.decimal}
    return outcomes.model_copy(update=defaults)


def has_own_table(outcomes: OutcomesSource, leads: LeadsSource) -> bool:
    """Return whether the outcomes are in another table than the leads."""
    return is_crm(outcomes.path) or (outcomes.path, outcomes.table, outcomes.query, outcomes.sheet) != (
        leads.path,
        leads.table,
        leads.query,
        leads.sheet,
    )


@dataclass(frozen=True)
class OutcomeFacts:
    """Outcome of each row.

    Attributes
    ----------
    rows
        Columns `won`, `lost`, the moments, `revenue`, `currency`, `stage`, `junk`, `engaged`; `won_by_date`: won by the
        date alone; `says_lost`: lost by a flag or the stage; `dated`: `won_at` is filled; `unticked`: it is filled, and
        the checkbox of won deals is empty.
    faults
        (rows,) why a row cannot be used; empty if it can.
    """

    rows: pd.DataFrame
    faults: NDArray[np.object_]

    @property
    def usable(self) -> pd.DataFrame:
        """The rows without a fault."""
        usable: pd.DataFrame = self.rows[(self.faults == "").astype(bool)]
        return usable.reset_index(drop=True)


@dataclass(frozen=True)
class OutcomeReader:
    """Reader of the outcome columns of raw rows; an absent column counts as empty.

    Attributes
    ----------
    source
        Settings of the outcomes.
    zone
        Time zone of times without an offset.
    missing
        Tokens that mean missing.
    parsers
        Date parsers by setting; absent for ISO 8601.
    checkboxes
        Column of a flag -> whether it never says no, so that an empty cell means no.
    currency
        Currency of all money.
    rates
        Other currency -> value of one unit of it.
    cells
        Unreadable cells of the rows that were read.
    """

    source: OutcomesSource
    zone: tzinfo = UTC
    missing: Sequence[str] = ()
    parsers: Mapping[str, Parse] = field(default_factory=dict)
    checkboxes: Mapping[str, bool] = field(default_factory=dict)
    currency: str = NO_CURRENCY
    rates: Mapping[str, float] = field(default_factory=dict)
    cells: CellFaults = field(default_factory=CellFaults)

    @classmethod
    def from_sample(
        cls,
        settings: Settings,
        source: OutcomesSource,
        table: str,
        sample: RawBatch,
        checkboxes: Mapping[str, bool] | None = None,
    ) -> Self:
        """Return a reader with the date formats of a sample of the table.

        Parameters
        ----------
        settings
            Settings of the business.
        source
            Settings of the outcomes.
        table
            Name of the table, for errors.
        sample
            Rows of the table.
        checkboxes
            Column of a flag -> whether it is a checkbox, where it is known; the sample decides on the others.

        Raises
        ------
        InputError
            If a date format is ambiguous or not supported.
        """
        parsers: dict[str, Parse] = {}
        for name in MOMENTS:
            column = getattr(source, name)
            if column in sample.rows.column_names:
                raw = sample.rows.column(column)
                parse = choose_column_parser(table, column, raw, settings.leads.missing, source.date_format)
                parsers |= {name: parse} if parse else {}
        missing = settings.leads.missing
        named = {name: getattr(source, name) for name in get_args(Outcome)}
        found = {
            column: typed.is_checkbox(_raw(sample, column), missing, name) for name, column in named.items() if column
        }
        flags = found | {column: known for column, known in (checkboxes or {}).items() if column in found}
        return cls(source, settings.zone, missing, parsers, flags, settings.currency, settings.currencies)

    def read(self, batch: RawBatch) -> OutcomeFacts:
        """Return the outcome of each row."""
        source = self.source
        missing = self.missing
        size = len(batch.lines)
        faults: NDArray[np.object_] = np.full(size, "", dtype=object)
        rows: dict[str, object] = {}
        for name in MOMENTS:
            column = _raw(batch, getattr(source, name))
            moments = typed.moments(column, self.zone, missing, self.parsers.get(name))
            rows[name] = typed.moment_series(self._counted(name, "date", column, moments, faults))
        for name in get_args(Outcome):
            column = _raw(batch, getattr(source, name))
            flags = typed.flags(column, missing, name)
            unticked = np.isnan(flags.values) & ~flags.unreadable & self.checkboxes.get(getattr(source, name), False)
            rows[f"{name}_unticked"] = unticked
            rows[f"{name}_flag"] = np.where(unticked, 0.0, self._counted(name, "flag", column, flags, faults))
        column = _raw(batch, source.revenue)
        revenue = typed.amounts(column, missing, source.decimal)
        if source.revenue is not None:
            self.cells.count(source.revenue, "money", column, revenue)
        rows |= self._in_currency(batch, revenue.values, faults)
        rows["stage"] = typed.text_series(typed.texts(_raw(batch, source.stage), missing))
        for name in ("junk", "engaged"):
            status: ColumnValues | None = getattr(source, name)
            rows[name] = one_of(_raw(batch, status.column), status.values) if status else np.zeros(size, dtype=bool)
        table = pd.DataFrame(rows, index=pd.RangeIndex(size))
        resolved = _resolve(table, source)
        unpaid = resolved["won"].to_numpy(dtype=bool) & revenue.unreadable
        faults[unpaid & (faults == "")] = UNREADABLE_REVENUE
        return OutcomeFacts(resolved, faults)

    def _in_currency(
        self, batch: RawBatch, revenue: NDArray[np.float64], faults: NDArray[np.object_]
    ) -> dict[str, object]:
        """Return the revenue in the currency of the settings, and the currency of each amount."""
        written = None if self.source.currency is None else _raw(batch, self.source.currency)
        currencies = read_currencies(_raw(batch, self.source.revenue), written, self.missing, self.currency)
        if written is not None:
            cast = typed.ColumnCast(typed.texts(written, self.missing), currencies == UNREADABLE)
            self._counted("currency", "money", written, cast, faults)
        return {"revenue": converted(revenue, currencies, self.rates), "currency": currencies}

    def _counted(
        self,
        setting: str,
        kind: FaultKind,
        column: Column,
        cast: typed.ColumnCast[Values],
        faults: NDArray[np.object_],
    ) -> Values:
        """Return the values of a column; count its unreadable cells, which are faults of their rows."""
        faults[cast.unreadable & (faults == "")] = f"unreadable {setting}"
        name = getattr(self.source, setting)
        if name is not None and setting == self._first_settings[name]:
            self.cells.count(name, kind, column, cast)
        return cast.values

    @cached_property
    def _first_settings(self) -> dict[str, str]:
        """Column -> first setting that names it, so that cells of a column of several settings are counted once."""
        names = {setting: getattr(self.source, setting) for setting in _READ if getattr(self.source, setting)}
        return {name: setting for setting, name in reversed(names.items())}


def _raw(batch: RawBatch, name: str | None) -> pa.ChunkedArray:
    if name is not None and name in batch.rows.column_names:
        return batch.rows.column(name)
    return pa.chunked_array([pa.nulls(len(batch.lines), pa.string())])


def empty_facts(rows: int) -> pd.DataFrame:
    """Return rows without an outcome.

    Examples
    --------
    >>> empty_facts(2)["junk"].tolist()
    [False, False]
    """
    blank = RawBatch(pa.table({"": pa.nulls(rows)}), np.zeros(rows, dtype=np.int64))
    return OutcomeReader(OutcomesSource()).read(blank).rows


def _resolve(rows: pd.DataFrame, source: OutcomesSource) -> pd.DataFrame:
    """Determine for each row whether it is won or lost, and when."""
    stage = rows["stage"].str.casefold()
    by_stage = bool(source.stage and source.won_stages)
    rows["dated"] = rows["won_at"].notna()
    rows["won_by_date"] = rows["won_flag"].isna() & rows["dated"] & (not by_stage)
    rows["unticked"] = rows["won_unticked"] & rows["dated"] & (not by_stage)
    rows["says_lost"] = rows["lost_flag"].eq(1.0) | stage.isin(_lost_stages(rows["stage"], source))
    for outcome, stages in (("won", source.won_stages), ("lost", source.lost_stages)):
        in_stage = stage.isin([name.strip().casefold() for name in stages]).to_numpy(dtype=bool)
        flag = rows[f"{outcome}_flag"]
        at = rows[f"{outcome}_at"]
        if source.stage and stages:
            rows[outcome] = flag.eq(1.0) | in_stage
        else:
            rows[outcome] = flag.eq(1.0) | (flag.isna() & at.notna())
        rows[f"{outcome}_at"] = at.fillna(rows["stage_at"].where(in_stage))
    rows["lost"] &= ~rows["won"]
    for outcome in ("won", "lost"):
        rows[f"{outcome}_at"] = rows[f"{outcome}_at"].where(rows[outcome])
    return rows


def _lost_stages(stages: pd.Series, source: OutcomesSource) -> set[str]:
    """Return the casefolded lost stages: those of the settings, or else those of the stage vocabularies."""
    if source.won_stages or source.lost_stages:
        return {stage.strip().casefold() for stage in source.lost_stages}
    return {stage.casefold() for stage in stages.dropna().unique() if stage_kind(stage) == "lost"}


def one_of(column: pa.ChunkedArray | pa.Array, values: Sequence[str]) -> NDArray[np.bool_]:
    """Return which cells have one of `values`, ignoring case and surrounding spaces.

    Examples
    --------
    >>> one_of(pa.array([" SPAM", "ok", None]), ["Spam"])
    array([ True, False, False])
    """
    folded = typed.text_series(typed.texts(column)).str.casefold()
    return folded.isin([value.strip().casefold() for value in values]).to_numpy(dtype=bool)
