"""Profile of the rows of outcomes with the columns of the tables that are joined to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from crm.id_matching import IdIndex
from crm.inference.column_profile import profile_column
from crm.inference.export_profile import ExportProfile
from crm.inference.file_joins import TableJoin
from crm.outcome_joins import joined_name


def join_profiles(outcomes: ExportProfile, joins: Sequence[TableJoin]) -> ExportProfile:
    """Return the profile of the outcomes with the columns of the joined tables.

    A column whose name exists already gets the name of its file in front, as in `[[outcomes.joins]]`.

    Parameters
    ----------
    outcomes
        File whose rows are the rows of outcomes.
    joins
        Further tables, in order.
    """
    joined = outcomes
    for join in joins:
        joined = _add(joined, join)
    return joined


def _add(outcomes: ExportProfile, join: TableJoin) -> ExportProfile:
    other = join.export
    reference = pd.Series(other.values(join.meets), dtype="str").replace("", None)
    cells = pd.Series(outcomes.values(join.column), dtype="str").replace("", None)
    matches = IdIndex(reference).match(cells)
    pairs = dict(zip(matches.rows.tolist(), matches.reference_rows.tolist(), strict=True))
    rows = [pairs.get(row) for row in range(len(cells))]
    columns = dict(outcomes.columns)
    values = dict(outcomes.sample.columns)
    meanings = dict(outcomes.meanings)
    for name in other.columns:
        joined = joined_name(name, list(columns), _stem(other.sample.path))
        cells_of = other.values(name)
        values[joined] = ["" if row is None else cells_of[row] for row in rows]
        columns[joined] = profile_column(joined, values[joined])
        meanings[joined] = other.meanings[name]
    sample = replace(outcomes.sample, columns=values)
    missing = {**other.missing, **outcomes.missing}
    return replace(outcomes, sample=sample, columns=columns, meanings=meanings, missing=missing)


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]
