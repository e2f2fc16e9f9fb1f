"""Outcome column inference: the columns of an export for the settings of [outcomes]."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm.casts import amounts as amounts_of
from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import explain_match
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings
from crm.inference.scaled_amounts import is_scaled
from crm.inference.stage_meanings import StageKind, stage_kind
from leadworth.readers.flag_reader import read_flag
from leadworth.readers.money_reader import read_money

_CONVERTING = frozenset({"Salesforce", "Zoho", "Zoho CRM", "Dynamics 365"})
"""CRMs in which a lead is converted to an opportunity."""
_BECAME_DEAL = ("convert", "qualif", "konvert", "übergeben")
_DEAL_WORDS = frozenset({"opportunity", "deal", "opp", "vorgang", "opportunità", "opportunite", "oportunidad"})
_MAX_STAGES = 60
_MAX_FLAGS = 12
"""Distinct values of a flag: yes and no, each written in several ways."""
_MOST_READABLE = 0.7
"""Share of distinct values that must be yes or no under a header that means it; the others are faults of their rows."""
_MOST_READABLE_MONEY = 0.7
_CENTS, _SAME = 100.0, 0.95
"""Cents of a whole unit, and share of rows in which a column in cents agrees with one in whole units."""
_MAX_DATED_LOSSES = 0.1
"""Share of lost rows in which a won date may be filled by mistake."""


@dataclass
class OutcomeColumns:
    """Inferred settings of [outcomes]: setting -> column, and the stages."""

    columns: dict[str, str] = field(default_factory=dict)
    won_stages: list[str] = field(default_factory=list)
    lost_stages: list[str] = field(default_factory=list)
    junk: tuple[str, list[str]] | None = None
    engaged: tuple[str, list[str]] | None = None

    @property
    def has_won(self) -> bool:
        """Whether a flag, a date or a stage determines that a lead is won."""
        return bool({"won", "won_at"} & set(self.columns) or self.won_stages)

    @property
    def has_won_flag_or_stage(self) -> bool:
        """Whether a flag or a stage determines that a lead is won."""
        return "won" in self.columns or bool(self.won_stages)

    @property
    def used(self) -> set[str]:
        """Columns of all settings."""
        return {*self.columns.values(), *self.status_columns}

    @property
    def status_columns(self) -> set[str]:
        """Columns of the settings junk and engaged."""
        return {status[0] for status in (self.junk, self.engaged) if status}


def map_outcomes(
    export: ExportProfile, used: set[str], findings: InferenceFindings, *, history: bool
) -> OutcomeColumns:
    """Return the outcome columns of an export.

    Parameters
    ----------
    export
        Profile of the file with the outcomes; it may be that of the leads.
    used
        Columns that are mapped already, such as the id.
    findings
        Receives inferred columns and warnings.
    history
        Whether the file has several rows per lead, one per change of the stage.
    """
    outcome = OutcomeColumns()
    mapper = _OutcomeMapper(export, used, outcome, findings)
    for name in ("won", "lost"):
        mapper.map(name, partial(_is_flag, outcome=name))
    _map_stage(export, used, outcome, findings)
    _map_status(export, "junk", used, outcome, findings)
    _map_status(export, "engaged", used, outcome, findings)
    _map_dates(mapper, history=history)
    mapper.map("revenue", _is_money)
    _prefer_whole_units(mapper)
    mapper.map("known_at", _is_date)
    _warn_about_conversion(export, outcome, findings)
    _warn_about_revenue(export, outcome, findings)
    return outcome


def map_lead_statuses(
    leads: ExportProfile, used: set[str], outcome: OutcomeColumns, findings: InferenceFindings
) -> None:
    """Map junk and engaged to columns of the leads, if the file of the outcomes has none."""
    if outcome.junk is None:
        _map_status(leads, "junk", used, outcome, findings)
    if outcome.engaged is None:
        _map_status(leads, "engaged", used, outcome, findings)


@dataclass
class _OutcomeMapper:
    """Maps columns of one export to settings of [outcomes]."""

    export: ExportProfile
    used: set[str]
    outcome: OutcomeColumns
    findings: InferenceFindings

    def map(self, name: str, fits: Callable[[ColumnProfile], bool], setting: str = "") -> ColumnProfile | None:
        """Map the best match for `name` whose values fit, and return it."""
        for column, match in self.export.columns_for("outcomes", name):
            if column.name in self.used | self.outcome.used or column.kind == "empty" or not fits(column):
                continue
            self.set(setting or name, column, explain_match(match, column))
            return column
        return None

    def set(self, setting: str, column: ColumnProfile, reason: str) -> None:
        """Set a setting to a column."""
        self.outcome.columns[setting] = column.name
        self.findings.add(f"outcomes.{setting}", column, reason)


def _is_flag(column: ColumnProfile, outcome: str) -> bool:
    return column.shares.get(outcome, 0) >= _MOST_READABLE and column.distinct <= _MAX_FLAGS


def _is_money(column: ColumnProfile) -> bool:
    if is_scaled(column.name):
        return False
    return column.shares.get("money", 0) >= _MOST_READABLE_MONEY and column.kind not in {"flag", "moment", "range"}


def _prefer_whole_units(mapper: _OutcomeMapper) -> None:
    """Replace a revenue in cents by the column that has the same amounts in whole units, as Close exports both."""
    name = mapper.outcome.columns.get("revenue")
    if name is None:
        return
    cents = _amounts(mapper.export, name)
    for column in mapper.export.columns.values():
        if column.name in mapper.used | mapper.outcome.used or not _is_money(column):
            continue
        amounts = _amounts(mapper.export, column.name)
        written = np.isfinite(cents) & np.isfinite(amounts) & (cents != 0.0)
        same = np.isclose(cents[written], amounts[written] * _CENTS, rtol=1e-9, atol=0.5)
        if same.size and same.mean() >= _SAME:
            mapper.findings.remove("outcomes.revenue")
            mapper.set("revenue", column, f"the amounts of {name!r}, which are in cents, in whole units")
            return


def _amounts(export: ExportProfile, name: str) -> NDArray[np.float64]:
    return amounts_of(pa.array(export.values(name), pa.string())).values


def _is_date(column: ColumnProfile) -> bool:
    return column.dates is not None


def _is_unread_date(column: ColumnProfile) -> bool:
    return column.unread_dates


def _map_stage(export: ExportProfile, used: set[str], outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    best: tuple[float, ColumnProfile, dict[StageKind, list[str]]] | None = None
    headers = {column.name: match for column, match in export.columns_for("outcomes", "stage")}
    for column in export.columns.values():
        if column.name in used | outcome.used or column.distinct > _MAX_STAGES or column.kind in {"empty", "number"}:
            continue
        kinds = _values_by_kind(column)
        named = headers.get(column.name)
        if not kinds.get("won") and not (named and kinds.get("lost")):
            continue
        if named is None and (not kinds.get("lost") or "won" in outcome.columns):
            continue
        score = (
            (2.0 + named.strength - 0.05 * named.rank if named else 0.0)
            + 2.0 * bool(kinds.get("won"))
            + bool(kinds.get("lost"))
        )
        if best is None or score > best[0]:
            best = score, column, kinds
    if best is None:
        return
    _, column, kinds = best
    outcome.columns["stage"] = column.name
    outcome.won_stages = kinds.get("won", [])
    outcome.lost_stages = kinds.get("lost", [])
    evidence = "header and values" if column.name in headers else "values only"
    stages = f"won {quoted(outcome.won_stages)}; lost {quoted(outcome.lost_stages)}"
    findings.add("outcomes.stage", column, f"{evidence}: {stages}")


def _values_by_kind(column: ColumnProfile) -> dict[StageKind, list[str]]:
    kinds: dict[StageKind, list[str]] = {}
    for value in column.counts:
        kind = stage_kind(value)
        if kind:
            kinds.setdefault(kind, []).append(value)
    return kinds


def _map_status(
    export: ExportProfile, kind: StageKind, used: set[str], outcome: OutcomeColumns, findings: InferenceFindings
) -> None:
    """Map `junk` or `engaged` to the column with the most rows of that meaning."""
    best: tuple[int, ColumnProfile, list[str]] | None = None
    for column in export.columns.values():
        if column.name in used or column.distinct > _MAX_STAGES or column.kind in {"empty", "number", "flag", "moment"}:
            continue
        match = export.best_match(column.name, "outcomes")
        if match is None and kind == "junk":
            match = export.best_match(column.name, "late")
        if (match is None or match.name == "won") and column.name != outcome.columns.get("stage"):
            continue
        values = _values_by_kind(column).get(kind, [])
        rows = sum(column.counts[value] for value in values)
        if values and (best is None or rows > best[0]):
            best = rows, column, values
    if best is None:
        return
    rows, column, values = best
    if kind == "junk":
        outcome.junk = (column.name, values)
        remedy = "correct the values of `junk`: only those that no buyer can have"
    else:
        outcome.engaged = (column.name, values)
        remedy = "correct the values of `engaged`: a person replied, met or bought"
    findings.add(f"outcomes.{kind}", column, f"{quoted(values)} in {rows} of {column.rows} rows")
    findings.note(f"{export.name}: statuses that count as {kind}: {quoted(values, 12)}", remedy)


def _map_dates(mapper: _OutcomeMapper, *, history: bool) -> None:
    export = mapper.export
    outcome = mapper.outcome
    decided = outcome.has_won_flag_or_stage
    mapper.map("won_at", lambda column: _is_date(column) and (decided or not _dates_losses(export, outcome, column)))
    mapper.map("lost_at", _is_date)
    staged = "stage" in outcome.columns
    if history and staged:
        if mapper.map("stage_at", _is_date) is None:
            rest = [c for c in export.columns.values() if c.dates and c.name not in outcome.used | mapper.used]
            if rest:
                mapper.set("stage_at", rest[0], "first date of a file with one row per change of the stage")
        return
    lost = bool(outcome.lost_stages) or "lost" in outcome.columns
    if "won_at" not in outcome.columns and not decided:
        if lost and "lost_at" not in outcome.columns:
            mapper.map("closed_at", _is_date, "lost_at")
        return
    for name, fits in (
        ("closed_at", _is_date),
        ("stage_at", _is_date),
        ("won_at", _is_unread_date),
        ("closed_at", _is_unread_date),
    ):
        if "won_at" in outcome.columns:
            break
        column = mapper.map(name, fits, "won_at")
        if column is not None and (staged or lost) and "lost_at" not in outcome.columns:
            outcome.columns["lost_at"] = column.name
            mapper.findings.note(
                f"{export.name}: {column.name!r} is used as the date of both won and lost leads",
                "set won_at and lost_at to separate columns, if the CRM has them",
            )


def _dates_losses(export: ExportProfile, outcome: OutcomeColumns, column: ColumnProfile) -> bool:
    """Return whether the sampled rows that are lost have a date in the column."""
    dates = export.values(column.name)
    lost = [False] * len(dates)
    if "lost" in outcome.columns:
        lost = [bool(read_flag(value, "lost")) for value in export.values(outcome.columns["lost"])]
    if "stage" in outcome.columns:
        stages = export.values(outcome.columns["stage"])
        lost = [is_lost or stage in outcome.lost_stages for is_lost, stage in zip(lost, stages, strict=True)]
    dated = sum(bool(date) for date, is_lost in zip(dates, lost, strict=True) if is_lost)
    return dated > _MAX_DATED_LOSSES * sum(lost)


def closed_rows(export: ExportProfile, outcome: OutcomeColumns, result: Literal["won", "lost"]) -> NDArray[np.bool_]:
    """Return which sampled rows are won or lost, by flag, stage or date, shape (n,)."""
    rows = np.zeros(export.sample.size, dtype=bool)
    stages = set(outcome.won_stages if result == "won" else outcome.lost_stages)
    if result in outcome.columns:
        rows |= np.array(
            [bool(read_flag(value, result)) for value in export.values(outcome.columns[result])], dtype=bool
        )
    if "stage" in outcome.columns:
        rows |= np.array([value in stages for value in export.values(outcome.columns["stage"])], dtype=bool)
    elif result not in outcome.columns and f"{result}_at" in outcome.columns:
        rows |= np.array([bool(value) for value in export.values(outcome.columns[f"{result}_at"])], dtype=bool)
    return rows


def _warn_about_conversion(export: ExportProfile, outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    converted = outcome.columns.get("won")
    unpaid = "revenue" not in outcome.columns
    if unpaid and not converted and outcome.won_stages and all(map(_is_conversion, outcome.won_stages)):
        converted = outcome.columns["stage"]
    elif not converted or not _is_conversion(converted):
        return
    of_deal = [name for name in export.columns if _DEAL_WORDS & set(normalise(name).split()) and name != converted]
    if unpaid or export.crm in _CONVERTING or of_deal:
        findings.warn(
            f"{export.name}: {converted!r} may mean that a lead became an opportunity, not that it was won",
            "export the opportunities too and run init with both files",
        )


def _is_conversion(words: str) -> bool:
    return any(word in words.lower() for word in _BECAME_DEAL)


def _warn_about_revenue(export: ExportProfile, outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    name = outcome.columns.get("revenue")
    if name is None or not outcome.has_won:
        return
    amounts = export.values(name)
    won = closed_rows(export, outcome, "won")
    filled = sum(bool(value) for value, is_won in zip(amounts, won, strict=True) if is_won)
    if sum(won) and filled < 0.8 * sum(won):
        findings.warn(
            f"{export.name}: the revenue {name!r} is filled for {filled} of {sum(won)} won rows",
            "set `revenue` to a column that every won deal fills, or keep it: unknown revenue is allowed",
        )
    money = map(read_money, np.array(amounts)[won])
    negative = sum(isinstance(amount, float) and amount < 0 for amount in money)
    if negative:
        findings.warn(
            f"{export.name}: {name!r} is negative in {negative:,} of {sum(won):,} won rows",
            "check that these are credits: they are deducted from the other won amounts of their lead, and leave its "
            "revenue unknown where they exceed them",
        )
    others = sum(bool(value) for value, is_won in zip(amounts, won, strict=True) if not is_won)
    if others > 0.8 * (len(won) - sum(won)) > 0:
        findings.note(
            f"{export.name}: {name!r} is also filled for leads that are not won",
            "if it is known at submit, as a quote is, add it to `numeric` in [leads.features]",
        )


def quoted(values: Iterable[str], most: int = 6) -> str:
    """Return a few values in quotes.

    Examples
    --------
    >>> quoted(["Won", "Lost", "Open"], 2)
    "'Won', 'Lost' and 1 more"
    """
    names = list(values)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name[:60]) for name in names[:most]) + more if names else "none"
