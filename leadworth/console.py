"""Console output: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from leadworth.errors import LeadworthError

WIDTH_OF_FILES = 120
"""Characters of a line in a log, a pipe or a mail, which have no width of their own."""


def _console(*, stderr: bool = False) -> Console:
    plain = Console(stderr=stderr, highlight=False)
    is_fixed = plain.is_terminal or "COLUMNS" in os.environ
    return plain if is_fixed else Console(stderr=stderr, highlight=False, width=WIDTH_OF_FILES)


console = _console()
errors = _console(stderr=True)

LINE_SECONDS = 15.0
"""Interval of progress lines where there is no terminal."""

Advance = Callable[[int], None]


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator[Advance]:
    """Show the progress of a job; yield a function that advances it.

    A terminal shows a bar; a log or a pipe gets one line at the end, and one every 15 seconds of a long job.

    Parameters
    ----------
    description
        Description of the job, such as "Scoring leads.csv".
    total
        Number of units, or None where it is unknown.

    Examples
    --------
    >>> with progress("Reading leads", total=2) as advance:
    ...     advance(2)
    """
    show = _bar if errors.is_terminal else _lines
    with show(description, total) as advance:
        yield advance


@contextmanager
def _bar(description: str, total: int | None) -> Iterator[Advance]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task(description, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def _lines(description: str, total: int | None) -> Iterator[Advance]:
    start = printed = time.monotonic()
    done = 0

    def line() -> None:
        of = f" of {total:,}" if total is not None else ""
        _print_plain(errors, f"{description}: {done:,}{of}, {time.monotonic() - start:.1f} s")

    def advance(count: int) -> None:
        nonlocal done, printed
        done += count
        if time.monotonic() - printed >= LINE_SECONDS:
            printed = time.monotonic()
            line()

    yield advance
    line()


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None, right: Collection[str] = ()
) -> Table:
    """Return a table for `console.print`; cells are plain text, never markup.

    Parameters
    ----------
    columns
        Headers, from left to right.
    rows
        One sequence of cells per row, as long as `columns`.
    title
        Title above the table.
    right
        Headers of the columns to align right (numbers).

    Examples
    --------
    >>> console.print(table(["channel", "leads"], [["search", 12]], right=["leads"]))
    channel   leads
    ───────────────
    search       12
    """
    result = Table(title=title, title_justify="left", box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for header in columns:
        result.add_column(header, justify="right" if header in right else "left", overflow="fold")
    for row in rows:
        result.add_row(*(Text(str(cell)) for cell in row))
    return result


def fail(error: LeadworthError) -> NoReturn:
    """Print an error and end the process with its exit code."""
    errors.print(Text.assemble(("Error: ", "bold red"), error.given), soft_wrap=True)
    if error.allowed:
        _print_plain(errors, f"Allowed: {error.allowed}")
    if error.do:
        _print_plain(errors, f"What to do: {error.do}")
    sys.exit(error.exit_code)


def _print_plain(to: Console, line: str) -> None:
    """Print a line without markup and wrapping."""
    to.print(Text(line), soft_wrap=True)
