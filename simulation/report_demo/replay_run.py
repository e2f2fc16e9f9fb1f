"""Run a replay by the commands that a user has: simulate, import, train, build, and write the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from leadworth.errors import LeadworthError
from leadworth.settings import FILE_NAME, load_settings
from simulation.demo_processes import run_step
from simulation.report_demo.replays import Replay, ReplayView
from simulation.report_demo.said_and_true import SaidAndTrue, said_and_true
from simulation.report_demo.simulated_truth import ReplayTruth, read_truth

if TYPE_CHECKING:
    from reporting.page.page_model import ReportPage

PROMOTED = "is champion now"
SPEND_FILES = {"google-ads.csv": "100-200-3000", "meta-ads.csv": "500600", "linkedin-ads.csv": "700800"}
"""File of an ad platform -> id of the account, which its export does not say."""
TRAFFIC_FILE, PROPERTY = "ga4.csv", "900100"
EVENTS_FILE, EVENTS_PLATFORM = "events.csv", "events"


@dataclass(frozen=True)
class SeenPage:
    """A page of a replay.

    Attributes
    ----------
    path
        HTML file.
    page
        Its content.
    truth
        Truth about its leads.
    rows
        What the page says beside what is true.
    """

    view: ReplayView
    path: Path
    page: ReportPage
    truth: ReplayTruth
    rows: Sequence[SaidAndTrue]


def run_replay(name: str, replay: Replay, folder: Path, seed: int) -> Iterator[SeenPage]:
    """Run a replay in an empty folder; yield each page when it is written.

    Raises
    ------
    LeadworthError
        If a command fails, or the model does not pass the promotion gate.
    """
    exported: tuple[str, ...] = ()
    for view in replay.views:
        options = tuple(replay.simulate_options(view, seed))
        if options != exported:
            run_step(folder, f"Simulating the business to {view.day}", "simulate", str(folder), *options)
            _import(folder)
            exported = options
        if view.train_days_before is not None:
            _train(folder, view)
        yield _look(name, folder, view)


def _config(folder: Path) -> list[str]:
    return ["--config", str(folder / FILE_NAME)]


def _import(folder: Path) -> None:
    """Import spend and traffic, as each platform exports them."""
    files = {name: ["--account", account] for name, account in SPEND_FILES.items()}
    files[EVENTS_FILE] = ["--platform", EVENTS_PLATFORM, "--account", EVENTS_PLATFORM]
    for name, options in files.items():
        if (folder / name).exists():
            arguments = ("spend", "import", str(folder / name), *options, "--yes", *_config(folder))
            run_step(folder, f"Importing {name}", *arguments)
    if (folder / TRAFFIC_FILE).exists():
        arguments = ("traffic", "import", str(folder / TRAFFIC_FILE), "--account", PROPERTY, "--yes", *_config(folder))
        run_step(folder, f"Importing {TRAFFIC_FILE}", *arguments)


def _train(folder: Path, view: ReplayView) -> None:
    day = datetime.combine(view.day, time(), UTC)
    as_of = datetime.fromtimestamp(day.timestamp() - 86_400.0 * (view.train_days_before or 0), UTC)
    arguments = ("train", "--as-of", f"{as_of:%Y-%m-%d}", *_config(folder))
    if PROMOTED not in run_step(folder, f"Training on what was known on {as_of:%Y-%m-%d}", *arguments):
        raise LeadworthError(
            "the promotion gate stopped the model of the replay",
            do=f"read the rules that it failed in {folder / 'train.log'}; repeat with another --seed",
        )


def _look(name: str, folder: Path, view: ReplayView) -> SeenPage:
    """Build the report as of the day of a view, write its page and compare it with the truth."""
    from serving.report.page_command import report_page
    from store.engine import open_store

    as_of = ["--as-of", f"{view.day}T00:00:00Z"]
    run_step(folder, f"Building the report of {view.day}", "report", "build", "--full", *as_of, *_config(folder))
    path = folder / view.file
    page_options = ["--query", view.query, *as_of, *_config(folder)]
    run_step(folder, f"Writing {view.file}", "report", "page", str(path), *page_options)
    settings = load_settings(folder / FILE_NAME)
    now = datetime.combine(view.day, time(), UTC)
    with open_store(settings) as engine, engine.connect() as connection:
        page = report_page(connection, settings, view.query, money=True, now=now)
        truth = read_truth(folder, connection, page, now)
    return SeenPage(view, path, page, truth, said_and_true(name, page, truth))
