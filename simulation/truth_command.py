"""`leadworth truth`: compare the scores of a simulated CRM with what the simulator knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from leadworth.console import console, table
from leadworth.errors import InputError
from simulation.truth_comparison import read_scored, read_truth, with_truth

KNOWN = "The simulator knows the true value"


def truth(
    scored: Annotated[Path, typer.Argument(help="Output of `leadworth score`")],
    truth_file: Annotated[
        Path | None,
        typer.Option("--truth", help="truth.csv of the simulation; left out: next to the scored file"),
    ] = None,
) -> None:
    """Compare scores of a simulated CRM with its truth: wins, value and their ratio, by status.

    The truth is a probability and an expected value, without the luck of single deals. That of open leads holds at
    the export: score them with --as-of and the date of the export.
    """
    path = truth_file or scored.with_name("truth.csv")
    for file in (scored, path):
        if not file.is_file():
            raise InputError(f"there is no file {file}", do="name it; --truth is written by `leadworth simulate`")
    compared = with_truth(read_scored(scored), read_truth(path))
    console.print(summary_table(compared))
    for line in sentences(compared):
        console.print(line, soft_wrap=True)


def summary_table(compared: pd.DataFrame) -> Table:
    """Return predicted and true wins and values by status."""
    groups = [(str(status), rows) for status, rows in compared.groupby("status", sort=False)]
    rows = [_cells(status, part) for status, part in [*groups, ("all", compared)]]
    columns = ("status", "leads", "wins", "true wins", "value", "true value", "ratio")
    return table(columns, rows if len(groups) > 1 else rows[:1], right=columns[1:])


def _cells(status: str, rows: pd.DataFrame) -> list[str]:
    sums = rows[["win_probability", "true_probability", "predicted_value", "true_value"]].sum()
    return [status, f"{len(rows):,}", *(f"{value:,.0f}" for value in sums), ratio(rows)]


def ratio(rows: pd.DataFrame) -> str:
    """Return predicted over true value."""
    true = rows["true_value"].sum()
    return f"{rows['predicted_value'].sum() / true:.2f}" if true > 0 else "-"


def sentences(compared: pd.DataFrame) -> list[str]:
    """Return what the comparison says, in words."""
    predicted, true = compared["predicted_value"].sum(), compared["true_value"].sum()
    top = compared.nlargest(max(len(compared) // 5, 1), "predicted_value")["true_value"].sum()
    lines = [f"{KNOWN}: predicted {predicted:,.0f}, true {true:,.0f}, ratio {ratio(compared)}."]
    if true > 0:
        lines.append(f"The fifth of the leads with the highest predicted value has {top / true:.0%} of the true value.")
    return lines
