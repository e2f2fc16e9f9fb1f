"""The command `leadworth`: a table of commands, each imported only when it is called.

`leadworth --help` reads the table and imports none of the rooms.
"""

from __future__ import annotations

import errno
import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, NoReturn

import typer
from typer.main import get_command, get_group
from typer.models import CommandInfo

from leadworth import __version__
from leadworth.errors import LeadworthError


@dataclass(frozen=True)
class LazyCommand:
    """A command: where it lives and what it does.

    `target` is "module:attribute"; the attribute is a function or a `typer.Typer` with sub-commands.
    """

    target: str
    help: str


COMMANDS = {
    "demo": LazyCommand("simulation.demo_command:demo", "Simulate, train, serve, score and export a few leads"),
    "init": LazyCommand("crm.init_command:init", "Propose leadworth.toml from your CRM exports"),
    "train": LazyCommand("training.train_command:train", "Learn a model from the history, judge it and register it"),
    "models": LazyCommand("training.models_command:app", "List, promote and roll back registered models"),
    "score": LazyCommand("serving.batch.score_command:score", "Score a file of leads with the champion"),
    "serve": LazyCommand("serving.serve_command:serve", "Score leads over HTTP with the champion"),
    "export": LazyCommand(
        "conversions.export_command:app", "Send the values of leads to the ad platforms, and record every event"
    ),
    "watch": LazyCommand("monitoring.watch_command:watch", "Watch junk, bots and drift in what the service decided"),
    "replay": LazyCommand(
        "serving.replay_command:replay", "Compute stored decisions again and compare them bit by bit"
    ),
    "keys": LazyCommand("serving.keys_command:app", "Make, list and revoke API keys"),
    "doctor": LazyCommand("serving.doctor_command:doctor", "Check the installation, the registry and the store"),
    "simulate": LazyCommand(
        "simulation.simulate_command:simulate", "Write the exports of a simulated CRM with known truth"
    ),
}

_NO_PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
_GIVE_PLACE = "see that you may write there and that there is space left, or work in another folder; then repeat"
INTERRUPTED = 130
"""The exit code of a shell after Ctrl+C."""

_SECTION = re.compile(r"\n+(Parameters|Returns|Raises|Examples|Notes|See Also)\n-{3,}\n.*", re.DOTALL)
_CONTEXT = {"help_option_names": ["-h", "--help"]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with `arguments`, or those of the process, and end the process.

    A `LeadworthError` from any room becomes a message on standard error and an exit code.
    """
    # OpenMP threads that spin while they wait turn a 4 s training into minutes on a busy machine;
    # the variable counts only if it is set before the library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and given[0] in COMMANDS:
            load(given[0])(given[1:], prog_name=f"leadworth {given[0]}")
        else:
            get_command(_root())(given, prog_name="leadworth")
    except LeadworthError as error:
        from leadworth.console import fail

        fail(error)
    except OSError as error:
        if error.errno not in _NO_PLACE:
            raise
        from leadworth.console import fail

        place = error.filename or "a file"
        fail(LeadworthError(f"{place} cannot be written or read: {error.strerror}", do=_GIVE_PLACE))
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _interrupted()
        raise


def _interrupted() -> NoReturn:
    """End as a shell expects it after Ctrl+C, at whatever line it came."""
    sys.stderr.write("Interrupted. What was finished before stays; run the same command again\n")
    raise SystemExit(INTERRUPTED)


def load(name: str) -> Callable[..., object]:
    """Import one command of the table.

    Parameters
    ----------
    name
        A key of `COMMANDS`.

    Returns
    -------
    Callable
        Takes the list of arguments and `prog_name`, runs the command and ends the process.
    """
    module, attribute = COMMANDS[name].target.split(":")
    found = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        for command in found.registered_commands:
            _describe(command)
        found.info.help = found.info.help or COMMANDS[name].help
        found.info.context_settings = dict(_CONTEXT)
        found.rich_markup_mode = "markdown"
        return get_group(found)
    app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    app.command(name)(found)
    _describe(app.registered_commands[0])
    return get_command(app)


def _describe(command: CommandInfo) -> None:
    """Let the docstring of a command be its help, and -h ask for it."""
    command.help = command.help or help_of(inspect.getdoc(command.callback) or "")
    command.context_settings = command.context_settings or dict(_CONTEXT)


def help_of(docstring: str) -> str:
    r"""Return what a docstring says to the user of a command: all before its numpydoc sections.

    Examples
    --------
    >>> help_of("Train a model.\n\nParameters\n----------\nconfig\n    The file.")
    'Train a model.'
    """
    return _SECTION.sub("", docstring)


def _root() -> typer.Typer:
    """Return the command above all others; the entries stand in it only to be listed."""
    root = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=dict(_CONTEXT),
        help="Tells a business what each lead is worth.",
        epilog="Start with: leadworth demo. With your own data: leadworth init leads.csv deals.csv",
    )

    @root.callback()
    def options(
        version: Annotated[
            bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
        ] = False,
    ) -> None:
        del version

    for name, entry in COMMANDS.items():
        root.command(name, help=entry.help)(_listed)
    return root


def _listed() -> None:
    """Stand in the list of commands; `main` calls the command itself."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"leadworth {__version__}")
        raise typer.Exit
