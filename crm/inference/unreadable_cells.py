"""Cells of the inferred columns that are written but cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from functools import partial
from typing import Any, cast, get_args

import numpy as np
import pyarrow as pa

from crm.casts import amounts, flags, moments, numbers
from crm.cell_faults import CellFault, FaultKind, describe_fault
from crm.column_cast import ColumnCast
from crm.date_formats import choose_date_parser
from crm.inference.export_profile import ExportProfile
from crm.inference.inference_findings import InferenceFindings, Level
from leadworth.errors import InputError
from leadworth.readers.flag_reader import Outcome
from leadworth.readers.money_reader import EITHER_MARK, read_money
from leadworth.readers.number_notation import Mark
from leadworth.records import fields_of
from leadworth.settings import TrainingSettings

_LIMIT: float = TrainingSettings().max_unreadable


def warn_about_unreadable(
    export: ExportProfile, columns: dict[str, str], formats: dict[str, str], findings: InferenceFindings
) -> None:
    """Add a warning for each column of a file with cells that cannot be read.

    Parameters
    ----------
    export
        Profile of the file.
    columns
        Setting or standard field -> column.
    formats
        `date_format` and `decimal` of the file, as far as they are set.
    findings
        Receives the warnings.
    """
    for name, setting in {name: setting for setting, name in columns.items()}.items():
        column = export.columns.get(name)
        if column is None or column.mixed:
            continue
        try:
            read = next(_readers(export, setting, name, formats), None)
        except InputError as error:
            findings.warn(error.given, _remedy_of(error), "stop")
            continue
        if read is None:
            continue
        kind, read_column = read
        written = list(column.counts)
        bad = [written[row] for row in np.flatnonzero(read_column(pa.array(written)).unreadable)]
        if bad:
            fault = CellFault(kind)
            fault.add(sum(column.counts.values()), sum(column.counts[value] for value in bad), bad)
            _warn(export, name, fault, findings)


def _remedy_of(error: InputError) -> str:
    return f"{error.do}; allowed is {error.allowed}"


def _warn(export: ExportProfile, name: str, fault: CellFault, findings: InferenceFindings) -> None:
    remedy = f"correct them in {name!r}"
    if fault.kind == "money" and any(read_money(value, "unclear") is EITHER_MARK for value in fault.examples):
        remedy += ', or set decimal = "," or "." in the same section as `path` if all are written with that mark'
    effect = "until then they count as missing"
    stops = fault.kind != "number" and fault.share > _LIMIT
    if stops:
        effect = f"train stops above {_LIMIT:.0%}"
    elif fault.kind != "number":
        effect = f"until then rows with an unreadable {fault.kind} are set aside"
    level: Level = "stop" if stops else "check"
    findings.warn(f"{export.name}: {describe_fault(name, fault)}", f"{remedy}; {effect}", level)


def _readers(
    export: ExportProfile, setting: str, name: str, formats: dict[str, str]
) -> Iterator[tuple[FaultKind, Callable[[pa.Array], ColumnCast[Any]]]]:
    """Yield what a column is read as, and the cast with which training reads it."""
    mark = cast(Mark | None, formats.get("decimal"))
    if setting.endswith("_at"):
        written = list(export.columns[name].counts)
        parse = choose_date_parser(export.name, name, written, formats.get("date_format"))
        yield "date", partial(moments, zone=UTC, parse=parse)
    if setting in get_args(Outcome):
        yield "flag", partial(flags, outcome=cast(Outcome, setting))
    if setting == "revenue":
        yield "money", partial(amounts, decimal=mark)
    if setting in fields_of("number"):
        yield "number", partial(numbers, decimal=mark)
