"""`leadworth simulate`: write the exports of a simulated CRM."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from leadworth.console import console, table
from leadworth.errors import InputError
from simulation.export_files import write
from simulation.parameters import scenarios
from simulation.simulation_summary import by_channel
from simulation.world import DEFAULT_END, Simulation
from simulation.world import simulate as simulated


def simulate(  # noqa: PLR0913, PLR0917  # an argument for each option of the command
    folder: Annotated[Path, typer.Argument(help="Output folder; created if absent")],
    leads: Annotated[int, typer.Option(min=1, help="Number of leads, new ones included")] = 20_000,
    months: Annotated[float, typer.Option(min=0.1, help="Length of the history")] = 24,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same files")] = 7,
    scenario: Annotated[str | None, typer.Option(help="One of: " + ", ".join(scenarios()))] = None,
    end: Annotated[str, typer.Option(help="Export date (YYYY-MM-DD): nothing later is in the files")] = str(
        DEFAULT_END
    ),
    new_days: Annotated[
        int, typer.Option(min=0, help="Days after the export whose leads are not in leads.csv but in new-leads.csv")
    ] = 0,
    features: Annotated[int, typer.Option(min=0, help="Further columns besides the standard fields")] = 0,
    bad_rows: Annotated[int, typer.Option(min=0, help="Malformed lines to spread over leads.csv")] = 0,
) -> None:
    """Write leads, stages, spend, sessions, truth and leadworth.toml of a simulated CRM."""
    with console.status(f"Simulating {leads:,} leads"):
        world = simulated(
            scenario, leads=leads, months=months, seed=seed, end=_date(end), new_days=new_days, features=features
        )
        rows = write(world, folder, bad_rows)
    if world.parameters.about:
        console.print(world.parameters.about)
    console.print(_table(world))
    console.print(f"{folder}: " + ", ".join(f"{name}.csv {count:,} rows" for name, count in rows.items()))
    console.print(f"Next: [bold]leadworth train --config {folder / 'leadworth.toml'}[/bold]")


def _date(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise InputError(
            f"--end {written!r} is not a date", allowed="YYYY-MM-DD", do="write e.g. 2026-10-01"
        ) from error


HEADINGS = (
    "leads",
    "junk",
    "wins so far",
    "wins to come",
    "revenue so far",
    "revenue to come",
    "spend",
    "cost per lead",
)


def _table(world: Simulation) -> Table:
    numbers = by_channel(world)
    total = numbers.sum()
    total["junk_share"] = float(world.truth["junk"].mean())
    total["cost_per_lead"] = total["spend"] / total["leads"]
    rows = [(str(channel), *_cells(row)) for channel, row in numbers.iterrows()]
    title = f"{world.start:%Y-%m-%d} to {world.end:%Y-%m-%d}, money in {world.parameters.world.currency}"
    return table(("channel", *HEADINGS), [*rows, ("all", *_cells(total))], title=title, right=HEADINGS)


def _cells(row: pd.Series) -> list[str]:
    whole = ("wins_so_far", "wins_to_come", "revenue_so_far", "revenue_to_come", "spend")
    money = [f"{row[name]:,.0f}" for name in whole]
    return [f"{row['leads']:,.0f}", f"{row['junk_share']:.0%}", *money, f"{row['cost_per_lead']:.2f}"]
