"""`leadworth train`: learn from the CRM history, judge forward in time, register, promote if earned."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crm.feedback_overlay import read_feedback, with_feedback
from crm.lead_history import LeadHistory, read_history
from leadworth import values
from leadworth.console import console, errors
from leadworth.settings import FILE_NAME, NO_CURRENCY, Settings, load_settings
from models.registry import Registry
from training.champion_evaluation import challenge, fetch_champion
from training.model_card import facts_of, figures_of, model_card
from training.pipeline import NAME, Progress, TrainingResult
from training.pipeline import train as train_on
from training.plots import draw
from training.promotion_gate import GateDecision
from training.registration import Registration, metrics_of, register
from training.training_report import show_audit, show_decision, show_history, show_training
from training.win_check import absent_stages

CARD_FOLDER = "model-card"


def train(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", help="Snapshot: nothing later is used. Left out: end of the data.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Learn and judge, but register nothing.")] = False,
) -> None:
    """Learn a model from the history, judge it forward in time and register it.

    It becomes champion if it passes the gate, and stays challenger if not. Model card and pictures
    are written to the folder model-card beside the settings file, and into the registry.
    """
    settings, began = load_settings(config), time.perf_counter()
    say = _steps(began)
    say("reading the history")
    history, said = _with_feedback(read_history(settings), settings)
    show_history(history)
    _doubt_the_stages(history, settings)
    if said:
        console.print(f"feedback: {said:,} leads labelled through the service")
    snapshot = None if as_of is None else values.moment(as_of, settings.zone)
    champion = fetch_champion(settings)
    training = train_on(
        settings, history, as_of=snapshot, progress=say, champion_as_of=champion.meta.as_of if champion else None
    )
    _doubt_the_future(training.known.as_of)
    _doubt_the_currency(settings.currency)
    show_audit(training.audit)
    show_training(training)
    decision = challenge(training, champion, settings)
    show_decision(decision)
    if dry_run:
        console.print("Dry run: nothing was registered.")
        return
    say("registering")
    registered = publish(training, decision, settings)
    _conclude(registered, settings, config, time.perf_counter() - began)


def _with_feedback(history: LeadHistory, settings: Settings) -> tuple[LeadHistory, int]:
    """Lay what people said through the service over what the CRM says; return how many leads that is."""
    feedback = read_feedback(settings)
    known = int(feedback["lead_id"].isin(history.leads["lead_id"]).sum())
    return replace(history, outcomes=with_feedback(history.outcomes, history.leads, feedback)), known


def _doubt_the_future(as_of: datetime | None) -> None:
    """Say so where the snapshot lies ahead: one mistyped date makes every open lead look old and lost."""
    if as_of is not None and as_of > datetime.now(UTC):
        errors.print(
            f"Doubt: the snapshot is {as_of:%Y-%m-%d}, which is in the future, so open leads look older than they are. "
            "What to do: correct the dates of that day in the files, or give --as-of with the day of the export",
            soft_wrap=True, markup=False,
        )  # fmt: skip


def _doubt_the_stages(history: LeadHistory, settings: Settings) -> None:
    """Name the won stages that never occur."""
    for sentence in absent_stages(history, settings):
        errors.print(f"Doubt: {sentence}. What to do: correct won_stages", soft_wrap=True, markup=False)


def _doubt_the_currency(currency: str) -> None:
    """Say so where `leadworth init` found no currency and nobody has written one since."""
    if currency == NO_CURRENCY:
        errors.print(
            f"Doubt: currency is {currency}, which stands for none. What to do: write your currency into the settings",
            soft_wrap=True, markup=False,
        )  # fmt: skip


def publish(training: TrainingResult, decision: GateDecision, settings: Settings) -> Registration:
    """Draw the pictures, write the model card, and register the bundle with both."""
    folder = settings.resolve(CARD_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    if training.forward:
        pictures = draw(training.forward, training.known.labels, settings.currency, folder / "figures")
    card = model_card(_facts(training, decision, settings, [picture.stem for picture in pictures]))
    (folder / "model_card.md").write_text(card, encoding="utf-8")
    metrics = metrics_of(training.forward.evaluations[NAME]) if training.forward else {}
    metrics |= metrics_of(training.random, "random_") if training.random else {}
    for name, evaluation in (training.forward.evaluations if training.forward else {}).items():
        if name != NAME:
            metrics |= metrics_of(evaluation, f"baseline {name}/")
    with tempfile.TemporaryDirectory() as scratch:
        return register(
            Registry.of(settings),
            training.bundle.save(Path(scratch) / "bundle"),
            decision,
            metrics=metrics,
            params=_params(training),
            figures=folder / "figures" if pictures else None,
            card=card,
        )


def _facts(
    training: TrainingResult, decision: GateDecision, settings: Settings, pictures: Sequence[str]
) -> dict[str, object]:
    """Return what the model card says."""
    report, forward, chance = training.report, training.forward, training.random
    findings = [(found.column, found.strength, found.test, found.evidence) for found in training.audit.findings]
    facts = facts_of(training.bundle) | {
        "model": settings.registry.model,
        "method": {"late outcomes": report.lateness, **_junk_method(training)},
        "notes": report.notes,
        "pictures": pictures,
        "findings": findings,
        "gate": decision.reasons,
    }
    if report.delay_median_days is not None:
        facts["method"] = {
            "late outcomes": f"{report.delay_family}, half of the wins within {report.delay_median_days:.0f} days",
            **_junk_method(training),
        }
    if forward:
        facts |= figures_of(forward.evaluations, NAME)
    if chance:
        facts["random"] = f"AUC {chance.auc}, log loss {chance.log_loss}, money predicted / actual {chance.money_ratio}"
    return facts


def _junk_method(training: TrainingResult) -> dict[str, str]:
    report = training.report
    return {
        "junk model": f"{report.junk_model}; {report.junk_by_rules:,} leads count as junk for rules alone",
        "rejection": report.guarantee,
    }


def _params(training: TrainingResult) -> dict[str, object]:
    report = {name: value for name, value in asdict(training.report).items() if name not in {"notes", "seconds"}}
    return report | {"features": len(training.bundle.spec.names), "bundle": training.bundle.id}


def _conclude(registered: Registration, settings: Settings, config: Path, seconds: float) -> None:
    where = f"{settings.registry.model} version {registered.version}"
    if registered.promoted:
        console.print(f"[bold]{where} is champion now[/bold]; before: {registered.before or 'none'}. {seconds:.0f} s.")
        console.print(f"Next: leadworth score FILE -o scored.csv -c {config}, or leadworth serve -c {config}")
    else:
        console.print(
            f"[bold]{where} is registered as challenger[/bold]; the gate did not let it pass. {seconds:.0f} s."
        )
        console.print(f"To promote it all the same: leadworth models promote {registered.version} --force --reason ...")
    console.print(f"Model card: {settings.resolve(CARD_FOLDER) / 'model_card.md'}")


def _steps(began: float) -> Progress:
    def say(step: str) -> None:
        errors.print(f"{time.perf_counter() - began:6.1f} s  {step}", markup=False, highlight=False)

    return say
