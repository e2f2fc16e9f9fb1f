"""`leadworth evaluate`: compare the champion with the outcomes since its snapshot, without training."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from crm.lead_history import read_history
from leadworth.console import console
from leadworth.errors import InputError
from leadworth.readers.moment_reader import read_as_of
from leadworth.settings import FILE_NAME, load_settings
from models.account_outcomes import with_decision_units
from models.bundle_loading import load_bundle
from training.bundle_evaluation import evaluate_bundle
from training.time_split import known_history
from training.training_report import show_backtest, show_decision


def evaluate(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", help="Snapshot: nothing later is used. Default: end of the data.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion.")] = None,
    all_leads: Annotated[
        bool, typer.Option("--all", help="Evaluate also on the leads that the model was trained on.")
    ] = False,
) -> None:
    """Evaluate the champion on the leads submitted since its snapshot.

    The leads are scored as `leadworth score --at-submit` does, and compared with the wins and the revenue that
    have come since, by the rules of the promotion gate. Nothing is trained or changed. The exit code is 1 if a
    rule fails; with fewer than 10 wins there is no verdict, and it is 0.
    """
    settings = load_settings(config)
    model = load_bundle(settings, bundle)
    after = None if all_leads else model.meta.as_of
    if after is None and not all_leads:
        raise InputError(
            "the model has no snapshot, because nothing in its history was dated",
            do="add --all to evaluate it on all leads",
        )
    snapshot = read_as_of(as_of, settings.zone)
    known = known_history(
        with_decision_units(read_history(settings)),
        as_of=snapshot,
        not_before=settings.training.not_before,
        horizon_days=settings.horizon_days,
    )
    evaluation = evaluate_bundle(model, known, after=after)
    since = "all leads" if after is None else f"leads since {after:%Y-%m-%d}"
    console.print(
        f"Model {model.version} on {evaluation.leads:,} {since}: {evaluation.wins:,} won so far", highlight=False
    )
    if evaluation.backtest is not None:
        show_backtest(evaluation.backtest)
    if evaluation.decision is None:
        console.print(evaluation.note, soft_wrap=True)
        return
    show_decision(evaluation.decision, "Verdict")
    if not evaluation.decision.promote:
        raise typer.Exit(1)
