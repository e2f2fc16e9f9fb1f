"""Which columns of an export tell what became of a lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import because
from crm.inference.inference_findings import InferenceFindings
from crm.inference.stage_meanings import Kind, stage_kind
from leadworth.values import flag

_MAX_STAGES = 60
_FEW = 0.1
"""Share of the lost rows in which a date that only a win fills may be there by mistake."""


@dataclass
class OutcomeColumns:
    """The settings of [outcomes] that were recognised: setting -> column, and the stages."""

    columns: dict[str, str] = field(default_factory=dict)
    won_stages: list[str] = field(default_factory=list)
    lost_stages: list[str] = field(default_factory=list)
    junk: tuple[str, list[str]] | None = None
    engaged: tuple[str, list[str]] | None = None

    @property
    def says_won(self) -> bool:
        """Tell whether anything says that a lead is won."""
        return bool({"won", "won_at"} & set(self.columns) or self.won_stages)

    @property
    def decides(self) -> bool:
        """Tell whether a flag or a stage says that a lead is won."""
        return "won" in self.columns or bool(self.won_stages)

    @property
    def used(self) -> set[str]:
        """Columns that have a use."""
        marks = [mark[0] for mark in (self.junk, self.engaged) if mark]
        return {*self.columns.values(), *marks}


def map_outcomes(
    export: ExportProfile, taken: set[str], findings: InferenceFindings, *, history: bool
) -> OutcomeColumns:
    """Return the outcome columns of an export.

    Parameters
    ----------
    export
        The file with the outcomes; it may be that of the leads.
    taken
        Columns that have a use already, such as the id.
    findings
        Receives what was recognised and doubted.
    history
        The file has several rows per lead, one per change of the stage.
    """
    outcome = OutcomeColumns()
    pick = _Picker(export, taken, outcome, findings)
    for name in ("won", "lost"):
        pick(name, lambda column: column.shares.get("flag", 0) >= 0.99 and column.distinct <= 4)
    _choose_stage(export, taken, outcome, findings)
    _mark(export, "junk", taken, outcome, findings)
    _mark(export, "engaged", taken, outcome, findings)
    _dates(export, pick, outcome, findings, history=history)
    pick("revenue", lambda column: column.shares.get("number", 0) >= 0.9 and column.kind not in {"flag", "moment"})
    pick("known_at", lambda column: column.dates is not None)
    _warn(export, outcome, findings)
    return outcome


def mark_beside(leads: ExportProfile, taken: set[str], outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    """Find junk and engaged statuses in the file of the leads, where the outcomes have none of their own."""
    if outcome.junk is None:
        _mark(leads, "junk", taken, outcome, findings)
    if outcome.engaged is None:
        _mark(leads, "engaged", taken, outcome, findings)


@dataclass
class _Picker:
    export: ExportProfile
    taken: set[str]
    outcome: OutcomeColumns
    findings: InferenceFindings

    def __call__(self, name: str, fits: Callable[[ColumnProfile], bool], setting: str = "") -> ColumnProfile | None:
        """Take the likeliest column for `name` whose values fit."""
        for column, match in self.export.meant("outcomes", name):
            if column.name in self.taken | self.outcome.used or column.kind == "empty" or not fits(column):
                continue
            self.take(setting or name, column, because(match, column))
            return column
        return None

    def take(self, setting: str, column: ColumnProfile, why: str) -> None:
        """Use a column for a setting."""
        self.outcome.columns[setting] = column.name
        self.findings.add(f"outcomes.{setting}", column, why)


def _choose_stage(export: ExportProfile, taken: set[str], outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    best: tuple[float, ColumnProfile, dict[Kind, list[str]]] | None = None
    headers = {column.name: match for column, match in export.meant("outcomes", "stage")}
    for column in export.columns.values():
        if column.name in taken | outcome.used or column.distinct > _MAX_STAGES or column.kind in {"empty", "number"}:
            continue
        kinds = _kinds(column)
        named = headers.get(column.name)
        if not kinds.get("won") and not (named and kinds.get("lost")):
            continue
        if named is None and (not kinds.get("lost") or "won" in outcome.columns):
            continue
        merit = (
            (2.0 + named.strength - 0.05 * named.rank if named else 0.0)
            + 2.0 * bool(kinds.get("won"))
            + bool(kinds.get("lost"))
        )
        if best is None or merit > best[0]:
            best = merit, column, kinds
    if best is None:
        return
    _, column, kinds = best
    outcome.columns["stage"] = column.name
    outcome.won_stages, outcome.lost_stages = kinds.get("won", []), kinds.get("lost", [])
    how = "header and values" if column.name in headers else "values only"
    won, lost = _listed(outcome.won_stages), _listed(outcome.lost_stages)
    findings.add("outcomes.stage", column, f"{how}: won {won}; lost {lost}")
    unknown = [value for value in column.counts if stage_kind(value) is None and not value.isdigit()]
    if unknown:
        findings.doubt(
            f"{export.name}: stages of {column.name!r} taken as still open: {_listed(unknown)}",
            "add those that are won or lost to won_stages or lost_stages",
        )


def _kinds(column: ColumnProfile) -> dict[Kind, list[str]]:
    kinds: dict[Kind, list[str]] = {}
    for value in column.counts:
        kind = stage_kind(value)
        if kind:
            kinds.setdefault(kind, []).append(value)
    return kinds


def _mark(
    export: ExportProfile, kind: Kind, taken: set[str], outcome: OutcomeColumns, findings: InferenceFindings
) -> None:
    """Find the column whose values call leads junk, or say that a human engaged."""
    best: tuple[int, ColumnProfile, list[str]] | None = None
    for column in export.columns.values():
        if (
            column.name in taken
            or column.distinct > _MAX_STAGES
            or column.kind in {"empty", "number", "flag", "moment"}
        ):
            continue
        status = export.says(column.name, "outcomes") or (export.says(column.name, "late") if kind == "junk" else None)
        if (status is None or status.name == "won") and column.name != outcome.columns.get("stage"):
            continue
        values = _kinds(column).get(kind, [])
        rows = sum(column.counts[value] for value in values)
        if values and (best is None or rows > best[0]):
            best = rows, column, values
    if best is None:
        return
    rows, column, values = best
    chosen = (column.name, values)
    outcome.junk, outcome.engaged = (chosen, outcome.engaged) if kind == "junk" else (outcome.junk, chosen)
    findings.add(f"outcomes.{kind}", column, f"{rows} of {column.rows} rows say {_listed(values)}")
    findings.doubt(
        f"{export.name}: taken as {kind}: {_listed(values, 12)}",
        "correct the values of `junk`: only what no buyer could be" if kind == "junk" else
        "correct the values of `engaged`: a human replied, met or bought",
    )  # fmt: skip


def _dates(
    export: ExportProfile, pick: _Picker, outcome: OutcomeColumns, findings: InferenceFindings, *, history: bool
) -> None:
    is_date: Callable[[ColumnProfile], bool] = lambda column: column.dates is not None  # noqa: E731
    pick("won_at", lambda column: is_date(column) and (outcome.decides or not _on_losses(export, outcome, column)))
    pick("lost_at", is_date)
    staged = "stage" in outcome.columns
    if history and staged:
        if pick("stage_at", is_date) is None:
            rest = [c for c in export.columns.values() if c.dates and c.name not in outcome.used | pick.taken]
            if rest:
                pick.take("stage_at", rest[0], "the date of a file with one row per change of the stage")
        return
    lost = bool(outcome.lost_stages) or "lost" in outcome.columns
    if "won_at" not in outcome.columns and not outcome.decides:
        if lost and "lost_at" not in outcome.columns:
            pick("closed_at", is_date, "lost_at")
        return
    for name in ("closed_at", "stage_at"):
        if "won_at" in outcome.columns:
            break
        column = pick(name, is_date, "won_at")
        if column is not None and (staged or lost) and "lost_at" not in outcome.columns:
            outcome.columns["lost_at"] = column.name
            findings.doubt(
                f"{export.name}: {column.name!r} dates both won and lost leads",
                "name the columns of their own in won_at and lost_at, if the CRM has them",
            )


def _on_losses(export: ExportProfile, outcome: OutcomeColumns, column: ColumnProfile) -> bool:
    """Tell whether the sampled rows that are lost carry a date as well."""
    lost = [False] * len(export.values(column.name))
    if "lost" in outcome.columns:
        lost = [bool(flag(value)) for value in export.values(outcome.columns["lost"])]
    if "stage" in outcome.columns:
        stages = export.values(outcome.columns["stage"])
        lost = [one or stage in outcome.lost_stages for one, stage in zip(lost, stages, strict=True)]
    dated = sum(bool(value) for value, one in zip(export.values(column.name), lost, strict=True) if one)
    return dated > _FEW * sum(lost)


def won_rows(export: ExportProfile, outcome: OutcomeColumns) -> list[bool]:
    """Return which sampled rows are won, as far as flag, stage or date say."""
    rows = [False] * len(next(iter(export.sample.columns.values())))
    stages = set(outcome.won_stages)
    if "won" in outcome.columns:
        rows = [bool(flag(value)) for value in export.values(outcome.columns["won"])]
    if "stage" in outcome.columns:
        rows = [
            won or value in stages for won, value in zip(rows, export.values(outcome.columns["stage"]), strict=True)
        ]
    elif "won" not in outcome.columns and "won_at" in outcome.columns:
        rows = [bool(value) for value in export.values(outcome.columns["won_at"])]
    return rows


def _warn(export: ExportProfile, outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    converted = outcome.columns.get("won")
    if export.crm == "Salesforce" and converted and "convert" in converted.lower():
        findings.doubt(
            f"{export.name}: in Salesforce {converted!r} says that a lead became an opportunity, not that it was won",
            "export the opportunities too and run init with both files",
        )
    name = outcome.columns.get("revenue")
    if name is None or not outcome.says_won:
        return
    amounts, won = export.values(name), won_rows(export, outcome)
    filled = sum(bool(value) for value, is_won in zip(amounts, won, strict=True) if is_won)
    if sum(won) and filled < 0.8 * sum(won):
        findings.doubt(
            f"{export.name}: the revenue {name!r} is filled for {filled} of {sum(won)} won rows",
            "name a column that every won deal fills, or let it be: unknown revenue is learned around",
        )
    others = sum(bool(value) for value, is_won in zip(amounts, won, strict=True) if not is_won)
    if others > 0.8 * (len(won) - sum(won)) > 0:
        findings.doubt(
            f"{export.name}: {name!r} is filled for leads that are not won, too",
            "if it is known when the form is sent, as a quote is, add it to `numeric` in [leads.features]",
        )


def _listed(values: Iterable[str], most: int = 6) -> str:
    names = list(values)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name[:60]) for name in names[:most]) + more if names else "none"
