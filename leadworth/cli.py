"""The command `leadworth`: a table of commands, each imported only when it is called.

`leadworth --help` reads the table and imports no other package.
"""

from __future__ import annotations

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
from leadworth.atomic_files import MAKE_WRITABLE, NOT_WRITABLE
from leadworth.errors import LeadworthError


@dataclass(frozen=True)
class LazyCommand:
    """Command that is imported when it is called.

    `target` is "module:attribute"; the attribute is a function or a `typer.Typer` with sub-commands.
    """

    target: str
    help: str


COMMANDS = {
    "demo": LazyCommand("simulation.demo_command:demo", "Simulate, train, serve, score and export a few leads"),
    "init": LazyCommand("crm.init_command:init", "Propose leadworth.toml from your CRM exports"),
    "crm": LazyCommand("crm.crm_command:app", "Connect a CRM and keep a mirror of its leads and deals"),
    "train": LazyCommand("training.train_command:train", "Train a model on the history, evaluate and register it"),
    "evaluate": LazyCommand(
        "training.evaluate_command:evaluate", "Compare the champion with the outcomes since its snapshot"
    ),
    "models": LazyCommand("training.models_command:app", "List, promote and roll back registered models"),
    "score": LazyCommand("serving.batch.score_command:score", "Score a file of leads with the champion"),
    "rescore": LazyCommand(
        "serving.rescoring.rescore_command:rescore", "Score the open leads of the CRM again and write the scores back"
    ),
    "report": LazyCommand(
        "simulation.report_commands:app", "Leading and lagging indicators: bring the facts of the page up to date"
    ),
    "serve": LazyCommand("serving.serve_command:serve", "Score leads over HTTP with the champion"),
    "export": LazyCommand(
        "conversions.export_command:app", "Send lead values to the ad platforms, and show the outbox"
    ),
    "spend": LazyCommand(
        "reporting.spend_command:app", "Import or fetch what ads cost, and fetch traffic and e-mail counts"
    ),
    "traffic": LazyCommand(
        "reporting.imports.import_command:traffic", "Import sessions, search queries, e-mail figures and other counts"
    ),
    "erase": LazyCommand(
        "serving.personal_data.erase_command:erase", "Erase a person from everything that leadworth stores"
    ),
    "privacy": LazyCommand(
        "serving.personal_data.privacy_command:app", "Report what is stored about people, and delete what is expired"
    ),
    "watch": LazyCommand(
        "monitoring.watch_command:watch", "Watch the junk share, drift and recall of the scored leads"
    ),
    "replay": LazyCommand("serving.replay_command:replay", "Compute stored decisions again and compare them"),
    "keys": LazyCommand("serving.keys_command:app", "Create, list, rotate and revoke API keys"),
    "audit": LazyCommand("serving.audit_command:app", "List and verify the audit log: who read or changed what"),
    "doctor": LazyCommand("serving.doctor_command:doctor", "Check the installation, the registry and the store"),
    "backup": LazyCommand(
        "serving.recovery.recovery_commands:backup", "Copy settings, keys, store and models while the service runs"
    ),
    "restore": LazyCommand("serving.recovery.recovery_commands:restore", "Verify a backup and put it into a folder"),
    "simulate": LazyCommand(
        "simulation.simulate_commands:app", "Write the exports of a simulated CRM with known truth, or run an ad market"
    ),
    "truth": LazyCommand("simulation.truth_command:truth", "Compare the scores of a simulated CRM with its truth"),
}

INTERRUPTED = 130
"""The exit code of a shell after Ctrl+C."""

_SECTION = re.compile(r"\n+(Parameters|Returns|Raises|Examples|Notes|See Also)\n-{3,}\n.*", re.DOTALL)
_CONTEXT = {"help_option_names": ["-h", "--help"]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with `arguments`, or those of the process, and end the process.

    A `LeadworthError` of any package becomes a message on standard error and an exit code.
    """
    # OpenMP threads that spin while they wait turn a 4 s training into minutes on a busy machine;
    # the variable counts only if it is set before the library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    # Stores, scored files and rejected rows hold personal data: only their owner may read what a command creates.
    os.umask(0o077)
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in COMMANDS:
            from leadworth.log import set_up_logging

            set_up_logging("WARNING")
            load(words[0])(words[1:], prog_name=f"leadworth {words[0]}")
        else:
            get_command(_root())(words, prog_name="leadworth")
    except LeadworthError as error:
        from leadworth.console import fail

        fail(error)
    except OSError as error:
        if error.errno not in NOT_WRITABLE:
            raise
        from leadworth.console import fail

        path = error.filename or "a file"
        fail(LeadworthError(f"{path} cannot be written or read: {error.strerror}", do=MAKE_WRITABLE))
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _interrupted()
        raise


def _interrupted() -> NoReturn:
    """End the process with the exit code that shells use after Ctrl+C."""
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
    target = getattr(importlib.import_module(module), attribute)
    if isinstance(target, typer.Typer):
        for command in target.registered_commands:
            _describe(command)
        target.info.help = target.info.help or COMMANDS[name].help
        target.info.context_settings = dict(_CONTEXT)
        target.rich_markup_mode = "markdown"
        return get_group(target)
    app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    app.command(name)(target)
    _describe(app.registered_commands[0])
    return get_command(app)


def _describe(command: CommandInfo) -> None:
    """Set the docstring of a command as its help, and -h as an option for it."""
    command.help = command.help or help_of(inspect.getdoc(command.callback) or "")
    command.context_settings = command.context_settings or dict(_CONTEXT)


def help_of(docstring: str) -> str:
    r"""Return the part of a docstring before its numpydoc sections, for the help of a command.

    Examples
    --------
    >>> help_of("Train a model.\n\nParameters\n----------\nconfig\n    The file.")
    'Train a model.'
    """
    return _SECTION.sub("", docstring)


def _root() -> typer.Typer:
    """Return the root command; its entries are only listed, `main` runs them."""
    root = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=dict(_CONTEXT),
        help="Predicts the revenue of each sales lead and sends it to the ad platforms.",
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
    """Do nothing: entry in the list of commands, which `main` calls itself."""


def _version(requested: bool) -> None:
    if requested:
        typer.echo(f"leadworth {__version__}")
        raise typer.Exit
