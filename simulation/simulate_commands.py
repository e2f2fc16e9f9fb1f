"""`leadworth simulate`: the files of a simulated CRM, and with the word `market` a simulated ad market."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from simulation.auction.market_command import market
from simulation.simulate_command import simulate

FILES = "files"


class FilesUnlessNamed(TyperGroup):
    """Group whose first word may be left out: `leadworth simulate shop` is `leadworth simulate files shop`.

    Attributes
    ----------
    unnamed
        Command that runs where none is named.
    """

    unnamed = FILES

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the name of the command that writes files, where none is given."""
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = [self.unnamed, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=FilesUnlessNamed, no_args_is_help=True)
app.command(FILES)(simulate)
app.command()(market)
