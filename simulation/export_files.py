"""Writer of a simulation's files: CRM exports, leads after the export, the truth and leadworth.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from leadworth.settings import FILE_NAME
from simulation.csv_columns import FILE_COLUMNS, LATER_COLUMNS
from simulation.noise import TOKENS_OF_FILE
from simulation.platform_exports import write_exports
from simulation.rng import stream
from simulation.world import Simulation

NEW_LEADS = "new-leads"
"""File of the leads after the export, without suffix."""
BAD_ROWS = ("{id}", "{id},{time},too,few,cells", "{id},not a date at all{rest},and,three,more", ",{time}{rest}")


def write(simulation: Simulation, folder: Path, bad_rows: int = 0) -> dict[str, int]:
    """Write all files and return the rows of each table; `bad_rows` malformed lines are spread over leads.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {name: getattr(simulation, name) for name in ("leads", "stages", "spend", "sessions", "truth")}
    if len(simulation.new_leads):
        tables[NEW_LEADS] = simulation.new_leads
    for name, table in tables.items():
        _csv(table, folder / f"{name}.csv", _bad_lines(simulation, bad_rows) if name == "leads" else [])
    (folder / FILE_NAME).write_text(settings_text(simulation), encoding="utf-8")
    write_exports(simulation, folder)
    return {name: len(table) for name, table in tables.items()}


def _csv(table: pd.DataFrame, path: Path, bad_lines: list[str]) -> None:
    """Write one table atomically, with bad lines between equal parts of it."""
    whole = naive_times(table)
    part = path.with_name(path.name + ".part")
    cuts = np.linspace(0, len(table), len(bad_lines) + 2).astype(int)
    with part.open("wb") as file:
        for number, (start, stop) in enumerate(pairwise(cuts.tolist())):
            options = pyarrow.csv.WriteOptions(
                include_header=number == 0, quoting_style="needed", quoting_header="needed"
            )
            pyarrow.csv.write_csv(whole.slice(start, stop - start), file, options)
            if number < len(bad_lines):
                file.write(f"{bad_lines[number]}\n".encode())
    os.replace(part, path)


def naive_times(table: pd.DataFrame) -> pa.Table:
    """Convert times to whole UTC seconds without offset, as in exports."""
    times = table.select_dtypes("datetimetz").columns
    plain = table.assign(**{name: table[name].dt.tz_convert(None).dt.floor("s") for name in times})
    arrow = pa.Table.from_pandas(plain, preserve_index=False)
    for name in times:
        at = arrow.schema.get_field_index(name)
        arrow = arrow.set_column(at, name, arrow.column(at).cast(pa.timestamp("s")))
    return arrow


def _bad_lines(simulation: Simulation, count: int) -> list[str]:
    """Return malformed lines: too few cells, too many, no date, no id."""
    rng = stream(simulation.seed, "bad rows")
    rest = "," * (simulation.leads.shape[1] - 2)
    time = f"{simulation.start:%Y-%m-%d %H:%M:%S}"
    kinds = rng.integers(0, len(BAD_ROWS), count)
    return [BAD_ROWS[kind].format(id=f"B-{number:07d}", time=time, rest=rest) for number, kind in enumerate(kinds)]


def settings_text(simulation: Simulation) -> str:
    """Return a leadworth.toml that points at the files.

    Examples
    --------
    >>> from simulation.world import simulate
    >>> settings_text(simulate(leads=50, months=2)).splitlines()[2]
    'currency = "EUR"'
    """
    world = simulation.parameters
    extras = simulation.extras
    width = max(map(len, FILE_COLUMNS))
    return "\n".join(
        [
            f"# A simulated CRM ({world.scenario or 'base world'}), exported on {simulation.end:%Y-%m-%d}.",
            "# truth.csv holds what only the simulator knows; it is not for training.",
            f'currency = "{world.world.currency}"',
            'timezone = "UTC"',
            f"horizon_days = {world.world.horizon_days}",
            "",
            "[leads]",
            'path = "leads.csv"',
            'id = "Lead ID"',
            'submitted_at = "Created"',
            f"missing = {_names(TOKENS_OF_FILE)}",
            "",
            "[leads.columns]",
            *(f'{field:<{width}} = "{column}"' for field, column in FILE_COLUMNS.items()),
            "",
            "[leads.features]",
            f"numeric = {_names(extras.numeric)}",
            f"categorical = {_names(extras.categorical)}",
            f"text = {_names(extras.text)}",
            f"ignore = {_names(LATER_COLUMNS)}    # filled or changed after the submit",
            "",
            "[outcomes]",
            'path = "stages.csv"',
            'lead_id = "lead_id"',
            'stage = "stage"',
            'stage_at = "stage_at"',
            'won_stages = ["Closed - Converted"]',
            'lost_stages = ["Closed - Lost"]',
            'revenue = "amount"',
            'junk = { column = "stage", values = ["Junk Lead"] }',
            'engaged = { column = "stage", values = ["Meeting held", "Proposal", "Closed - Converted"] }',
            "",
            "[mql]",
            "margin = 0.4",
            "touch_cost = 25.0",
            "",
            "[registry]",
            'uri = "sqlite:///mlflow.db"',
            'model = "leadworth"',
            "",
            "[training]",
            f"as_of = {simulation.end:%Y-%m-%dT%H:%M:%SZ}",
            "",
        ]
    )


def _names(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
