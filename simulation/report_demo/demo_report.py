"""`leadworth report demo`: a simulated business with known truth, and its page."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from leadworth.console import console
from simulation.demo_folder import prepare_folder
from simulation.report_demo.replay_run import SeenPage, run_replay
from simulation.report_demo.replays import replay_of, replays

SEED = 7


def demo(
    name: Annotated[str, typer.Argument(help="One of: " + ", ".join(replays()))],
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder to work in; that of an earlier demo is replaced.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another business.")] = SEED,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Simulate a business, run the commands that a user would, and write its page: what it says, and what is true.

    Takes two to five minutes, and no network.
    """
    start = time.monotonic()
    replay = replay_of(name)
    place = folder or Path(f"report-{name}")
    prepare_folder(place)
    console.print(Text(f"{replay.title}, seed {seed}, in {place}", style="bold"))
    for seen in run_replay(name, replay, place, seed):
        console.print(comparison_panel(seen))
        console.print(f"Page: {seen.path}", soft_wrap=True, markup=False)
        if open_page:
            _open(seen.path)
    console.print(f"The demo took {time.monotonic() - start:.0f} s")


def comparison_panel(seen: SeenPage) -> Panel:
    """Return what to look at, and the table of what the page says and what is true."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("", "what the page says", "what is true"):
        table.add_column(heading, overflow="fold")
    for row in seen.rows:
        table.add_row(*map(Text, row))
    grid = Table.grid()
    grid.add_row(Text(seen.view.look, style="bold"))
    grid.add_row(table)
    return Panel(grid, title=Text(seen.view.title), title_align="left")


def _open(path: Path) -> None:
    """Open a page where a person at a terminal with a browser would see it."""
    if not sys.stdout.isatty() or (sys.platform == "linux" and not os.environ.get("DISPLAY")):
        return
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    browser.open(path.resolve().as_uri())
