"""Cells of the inferred columns that are written but cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast, get_args

from crm.cell_faults import CellFault, FaultKind, describe_fault
from crm.inference.date_columns import day_order
from crm.inference.export_profile import ExportProfile
from crm.inference.inference_findings import InferenceFindings, Level
from leadworth.readers.flag_reader import Outcome, read_flag
from leadworth.readers.moment_reader import read_moment
from leadworth.readers.money_reader import read_money
from leadworth.readers.number_notation import Mark
from leadworth.readers.number_reader import read_number
from leadworth.records import fields_of
from leadworth.settings import TrainingSettings
from leadworth.unreadable import Unreadable

_LIMIT: float = TrainingSettings().max_unreadable


def warn_about_unreadable(
    export: ExportProfile, columns: dict[str, str], decimal: str | None, findings: InferenceFindings
) -> None:
    """Add a warning for each column of a file with cells that cannot be read.

    Parameters
    ----------
    export
        Profile of the file.
    columns
        Setting or standard field -> column.
    decimal
        Decimal mark of its numbers, if it is known.
    findings
        Receives the warnings.
    """
    for setting, name in columns.items():
        column = export.columns.get(name)
        read = None if column is None or column.mixed else next(_readers(export, setting, name, decimal), None)
        if column is None or read is None:
            continue
        kind, reader = read
        bad = [value for value in column.counts if isinstance(reader(value), Unreadable)]
        if bad:
            fault = CellFault(kind)
            fault.add(sum(column.counts.values()), sum(column.counts[value] for value in bad), bad)
            _warn(export, name, fault, findings)


def _warn(export: ExportProfile, name: str, fault: CellFault, findings: InferenceFindings) -> None:
    effect = "until then they count as missing"
    stops = fault.kind != "number" and fault.share > _LIMIT
    if stops:
        effect = f"train stops above {_LIMIT:.0%}"
    elif fault.kind != "number":
        effect = f"until then rows with an unreadable {fault.kind} are set aside"
    level: Level = "stop" if stops else "check"
    findings.warn(f"{export.name}: {describe_fault(name, fault)}", f"correct them in {name!r}; {effect}", level)


def _readers(
    export: ExportProfile, setting: str, name: str, decimal: str | None
) -> Iterator[tuple[FaultKind, Callable[[str], object]]]:
    """Yield what a column is read as, and its reader."""
    mark = cast(Mark | None, decimal)
    if setting.endswith("_at"):
        dates = export.columns[name].dates
        order = day_order(dates.format) if dates else None
        yield "date", partial(read_moment, order=order)
    if setting in get_args(Outcome):
        yield "flag", partial(read_flag, outcome=cast(Outcome, setting))
    if setting == "revenue":
        yield "money", partial(read_money, decimal=mark)
    if setting in fields_of("number"):
        yield "number", partial(read_number, decimal=mark)
