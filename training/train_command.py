"""`leadworth train`: train on the CRM history, evaluate forward in time, register and promote."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crm.cell_faults import faults_as_json
from crm.feedback_overlay import match_feedback, read_feedback, with_feedback
from crm.lead_history import LeadHistory, read_history
from crm.mirror_fields import is_crm
from leadworth.console import console, errors
from leadworth.errors import LeadworthError
from leadworth.garbage_collection import collect_rarely
from leadworth.privacy import redact
from leadworth.readers.moment_reader import read_as_of
from leadworth.settings import FILE_NAME, NO_CURRENCY, Settings, load_settings
from leadworth.value_unit import value_unit
from models.account_outcomes import with_decision_units
from models.delay_likelihood import MISFIT
from models.model_registry import ModelRegistry
from store.audit_log import AuditEntry
from store.audit_spool import record_action
from training.champion_evaluation import challenge, fetch_champion
from training.fitted_model import Progress
from training.gate_rules import GateDecision
from training.history_check import history_warnings
from training.model_card import facts_of, figures_of, model_card, model_page
from training.pipeline import NAME, TrainingResult
from training.pipeline import train as train_on
from training.plain_summary import decision_sentence, result_sentences
from training.plots import draw
from training.promotion_gate import with_inputs
from training.registration import Registration, backtest_metrics, metrics_of, register
from training.remedies import AS_OF, SET_CURRENCY
from training.served_skew import served_inputs
from training.training_report import (
    backtest_rows,
    show_audit,
    show_decision,
    show_history,
    show_notes,
    show_training,
)
from training.velocity_backfill import fill_store

CARD_FOLDER = "model-card"
CARD_PAGE = "model_card.html"
INPUT_FAULTS = "input_faults"
"""Tag of a version: unreadable cells of the history by table and column, as JSON."""


def train(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", help="Snapshot: nothing later is used. Default: end of the data.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train and evaluate, but register nothing.")] = False,
    details: Annotated[bool, typer.Option("--details", help="Print the tables of the model card as well.")] = False,
) -> None:
    """Train a model on the history, evaluate it forward in time and register it.

    It is promoted to champion if it passes the promotion gate, and stays challenger if not. The last lines are a
    summary; the details are in the model card, which is written to the folder model-card next to the settings file,
    as a page to open or print and as Markdown, and to the registry.
    """
    settings = load_settings(config)
    collect_rarely()
    began = time.perf_counter()
    progress = _progress(began)
    progress("reading the history")
    history, labelled = _with_feedback(with_decision_units(read_history(settings)), settings)
    # Stage changes are for exports; those of a million leads take 0.4 GiB.
    history = replace(history, outcomes=history.outcomes.drop(columns="stages"))
    show_history(history)
    for what, do in history_warnings(history, settings):
        _warn(what, do)
    if labelled:
        console.print(f"feedback: {labelled:,} leads labelled through the service")
    snapshot = read_as_of(as_of, settings.zone)
    champion_version, champion = fetch_champion(settings)
    training = train_on(
        settings, history, as_of=snapshot, progress=progress, champion_as_of=champion.meta.as_of if champion else None
    )
    warn_of_future(training.known.as_of)
    warn_of_currency(settings.currency)
    show_audit(training.audit)
    show_notes(training)
    if details:
        show_training(training)
    served = served_inputs(training.bundle, training.known.leads, settings, champion)
    for finding in served.others:
        _warn(served.sentence(finding), finding.remedy)
    decision = with_inputs(challenge(training, champion, settings), served.stopping)
    decision = replace(decision, champion=champion_version)
    show_decision(decision)
    if dry_run:
        _summarise(training, decision, "the model")
        console.print("Dry run: nothing was registered.")
        return
    progress("registering")
    registered = publish(training, history, decision, settings)
    progress("filling the velocity store")
    _fill_velocity_store(training, settings)
    _summarise(training, decision, f"version {registered.version}")
    _conclude(registered, decision, settings, config, time.perf_counter() - began)


def _with_feedback(history: LeadHistory, settings: Settings) -> tuple[LeadHistory, int]:
    """Return the history with the labels given through the service, and the number of leads that have one."""
    feedback = read_feedback(settings)
    labelled = len(match_feedback(feedback, history.leads))
    return replace(history, outcomes=with_feedback(history.outcomes, history.leads, feedback)), labelled


def _warn(what: str, do: str) -> None:
    errors.print(f"Warning: {what}. What to do: {do}", soft_wrap=True, markup=False)


def warn_of_future(as_of: datetime | None) -> None:
    """Warn of a snapshot in the future: one mistyped date makes every open lead look old and lost."""
    if as_of is not None and as_of > datetime.now(UTC):
        _warn(
            f"the snapshot is {as_of:%Y-%m-%d}, which is in the future, so open leads look older than they are",
            f"correct the dates of that day in the files, or {AS_OF}",
        )


def warn_of_currency(currency: str) -> None:
    """Warn where `leadworth init` found no currency and none has been set since."""
    if currency == NO_CURRENCY:
        _warn("no currency is set, so amounts have none", SET_CURRENCY)


def publish(training: TrainingResult, history: LeadHistory, decision: GateDecision, settings: Settings) -> Registration:
    """Draw the charts, write the model card, and register the bundle with both."""
    folder = settings.resolve(CARD_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = draw(training, _unit(training), folder / "figures")
    facts = _facts(training, history, decision, settings, [picture.stem for picture in pictures])
    card = model_card(facts)
    (folder / "model_card.md").write_text(card, encoding="utf-8")
    page = model_page(facts, {picture.stem: picture.read_text(encoding="utf-8") for picture in pictures})
    (folder / CARD_PAGE).write_text(page, encoding="utf-8")
    metrics = metrics_of(training.forward.evaluations[NAME]) if training.forward else {}
    metrics |= metrics_of(training.random, "random_") if training.random else {}
    metrics |= backtest_metrics(training.backtest) if training.backtest else {}
    for name, evaluation in (training.forward.evaluations if training.forward else {}).items():
        if name != NAME:
            metrics |= metrics_of(evaluation, f"baseline {name}/")
    with tempfile.TemporaryDirectory() as scratch:
        return register(
            ModelRegistry.of(settings),
            training.bundle.save(Path(scratch) / "bundle"),
            decision,
            metrics=metrics,
            params=_params(training),
            tags={INPUT_FAULTS: faults_as_json(history.cells)},
            figures=folder / "figures" if pictures else None,
            card=card,
        )


def _fill_velocity_store(training: TrainingResult, settings: Settings) -> None:
    """Add the latest leads to the velocity store; the model is registered in any case."""
    try:
        fill_store(training.known.leads, settings)
    except LeadworthError as error:
        _warn(f"the velocity store was not filled: {error}", "repair the store, then train again")


def _facts(
    training: TrainingResult,
    history: LeadHistory,
    decision: GateDecision,
    settings: Settings,
    pictures: Sequence[str],
) -> dict[str, object]:
    """Return the facts of the model card."""
    report = training.report
    late_outcomes = report.lateness
    if report.delay_median_days is not None:
        speeds = "two speeds" if report.delay_second_speed else "one speed"
        late_outcomes = (
            f"{report.delay_family}, {speeds}, half of the wins within {report.delay_median_days:.0f} days; "
            f"fit {report.delay_misfit:.2f} (below {MISFIT:g}: good), "
            f"log delay {report.delay_per_year:+.2f} from year to year"
        )
    facts = facts_of(training.bundle) | {
        "model": settings.registry.model,
        "summary": [
            *result_sentences(training, decision, _unit(training)),
            decision_sentence(decision, "this version"),
        ],
        "remedies": decision.remedies,
        "method": {
            "late outcomes": late_outcomes,
            "junk model": f"{report.junk_model}; {report.junk_by_rules:,} leads labelled junk by rules alone",
            "rejection": report.guarantee,
        },
        "notes": report.notes,
        "pictures": pictures,
        "findings": [(f.column, f.strength, f.test, f.evidence) for f in training.audit.findings],
        "gate": decision.reasons,
        "backtest_note": training.backtest_note,
        "input_faults": [
            (table, redact(name), fault.unreadable, fault.filled)
            for table, faults in history.cells.items()
            for name, fault in faults.items()
        ],
    }
    if training.backtest:
        facts["backtest"] = backtest_rows(training.backtest)
        facts["by_age"] = (str(training.backtest.mature), str(training.backtest.young))
    intervals = training.bundle.meta.intervals
    if intervals:
        facts["intervals"] = [
            (name, factors.percent())
            for name, factors in {"all leads": intervals.total, **intervals.channels, "other": intervals.other}.items()
        ]
    if training.forward:
        facts |= figures_of(training.forward.evaluations, NAME)
    if training.random:
        facts["random"] = training.random.summary()
    return facts


def _params(training: TrainingResult) -> dict[str, object]:
    report = {name: value for name, value in asdict(training.report).items() if name not in {"notes", "seconds"}}
    return report | {"features": len(training.bundle.spec.names), "bundle": training.bundle.id}


def _unit(training: TrainingResult) -> str:
    """Return the unit of the predicted values."""
    bundle = training.bundle
    return value_unit(bundle.meta.currency, has_revenue=not bundle.value_model.revenue.unit)


def _summarise(training: TrainingResult, decision: GateDecision, version: str) -> None:
    """Print the summary of a training."""
    console.print("\n[bold]Summary[/bold]")
    for sentence in [*result_sentences(training, decision, _unit(training)), decision_sentence(decision, version)]:
        console.print(sentence, markup=False)


def _conclude(
    registered: Registration, decision: GateDecision, settings: Settings, config: Path, seconds: float
) -> None:
    """Print whether the version is used, and what to do next."""
    version = f"{settings.registry.model} version {registered.version}"
    option = "" if config == Path(FILE_NAME) else f" -c {config}"
    if registered.promoted:
        details = {"why": "passed the gate", "before": registered.before}
        record_action(settings, AuditEntry("model.promote", "model", registered.version, details=details))
        before = f"; before: version {registered.before}" if registered.before else ""
        console.print(f"[bold]{version} is champion now[/bold]{before}. {seconds:.0f} s.", soft_wrap=True)
        score = "rescore" if is_crm(settings.leads.path) else "score FILE -o scored.csv"
        console.print(f"Next: leadworth {score}{option}, or leadworth serve{option}", soft_wrap=True)
    else:
        console.print(f"[bold]{version} is not in use[/bold]. {seconds:.0f} s.", soft_wrap=True)
        if decision.promote:
            console.print(f"Version {registered.before} became champion during this training; it was not compared.")
        for remedy in ["train again"] if decision.promote else decision.remedies:
            console.print(f"To do: {remedy}", markup=False)
        force = f'leadworth models promote {registered.version} --force --reason "..."{option}'
        console.print(f"To use it all the same: {force}", soft_wrap=True, markup=False)
    console.print(f"Model card: {settings.resolve(CARD_FOLDER) / CARD_PAGE}", soft_wrap=True)


def _progress(began: float) -> Progress:
    def print_step(step: str) -> None:
        errors.print(f"{time.perf_counter() - began:6.1f} s  {step}", markup=False, highlight=False)

    return print_step
