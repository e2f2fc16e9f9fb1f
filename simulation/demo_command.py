"""`leadworth demo`: from CRM exports to scored and exported leads, on a simulated CRM.

Each step is a command that a user would type.
"""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from leadworth.console import console
from leadworth.errors import LeadworthError
from simulation.demo_crm import FOLDER, crm_options, score_in_crm
from simulation.demo_folder import prepare_folder
from simulation.demo_processes import fetch, local_peers, post_lead, run_step, scoring_service
from simulation.parameters import data
from simulation.truth_command import KNOWN
from simulation.world import DEFAULT_END

PROMOTED = "is champion now"
SHOWN_REASONS = 6
LEADS = 8_000
MONTHS = 24
NEW_DAYS = 45
STANDARD_FIELDS = {f"LEADWORTH_LEADS__FEATURES__{kind}": "[]" for kind in ("NUMERIC", "CATEGORICAL", "TEXT")}
"""The model of the demo uses no other columns of the exports, since forms and the CRM do not have them."""
FORM = "landing"
"""Form of the landing page with the collector."""


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Folder to work in; that of an earlier demo is replaced.")
    ] = Path("demo"),
    leads: Annotated[int, typer.Option(min=500, help="Leads of the simulated CRM.")] = LEADS,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another business.")] = 7,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running.")] = False,
) -> None:
    """Simulate a CRM, train, serve, score leads, and send their values to local peers of HubSpot and the ad platforms.

    Takes some two minutes, and no network.
    """
    start = time.monotonic()
    prepare_folder(folder)
    config = ["--config", str(folder / "leadworth.toml")]
    with local_peers(folder, "crm", *crm_options(seed)) as crm, local_peers(folder, "export") as platforms:
        _train(folder, leads, seed, config)
        _compare(folder, config)
        console.print(score_in_crm(folder, crm()))
        _serve(folder, config, keep, platforms())
    console.print(f"The demo took {time.monotonic() - start:.0f} s")


def _serve(folder: Path, config: list[str], keep: bool, variables: dict[str, str]) -> None:
    """Score leads over HTTP, send values to the local peers, and show both.

    Parameters
    ----------
    keep
        Whether the service is left running.
    variables
        Environment variables that point to the peers.
    """
    key = run_step(
        folder, "Creating an API key", "keys", "create", "demo", "--scope", "score", "--scope", "read", "-q", *config
    ).strip()
    form = {"LEADWORTH_FORMS__DEMO": "true", "LEADWORTH_FORMS__PROTECTED": FORM}
    with scoring_service(folder, config, keep, {**variables, **form}) as (address, pid):
        for lead in data("demo")["leads"]:
            console.print(
                score_panel(lead["title"], lead["fields"], post_lead(f"{address}/v1/scores", key, lead["fields"]))
            )
        console.print(_visitors(address, key))
        run_step(folder, "Planning the export", "export", "plan", *config, variables=variables)
        run_step(folder, "Sending to the local peers", "export", "run", *config, variables=variables)
        status = run_step(folder, "Reading the export status", "export", "status", *config, variables=variables)
        title = f"Sent to the ad platforms; events before {DEFAULT_END} can be too old"
        console.print(Panel(Text(status.rstrip()), title=title, title_align="left"))
        console.print(next_steps(folder, address, pid if keep else None))


def _train(folder: Path, leads: int, seed: int, config: list[str]) -> None:
    """Simulate a CRM with the same data on every day, and train on it.

    Raises
    ------
    LeadworthError
        If the model does not pass the promotion gate; the demo promotes nothing by force.
    """
    arguments = {"leads": leads, "months": MONTHS, "new-days": NEW_DAYS, "seed": seed, "end": DEFAULT_END}
    options = [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
    run_step(folder, "Simulating a CRM", "simulate", str(folder), *options)
    report = run_step(folder, "Training and registering a model", "train", *config, variables=STANDARD_FIELDS)
    if PROMOTED not in report:
        raise LeadworthError(
            "the promotion gate stopped the model of the demo",
            do=f"read the rules that it failed in {folder / 'train.log'}; repeat with more --leads or another --seed",
        )


def _compare(folder: Path, config: list[str]) -> None:
    """Score the leads after the export and the open leads, and show predicted and true values."""
    files = {
        f"Leads of the {NEW_DAYS} days after the export, as at their submit": ("new-leads.csv", "--at-submit"),
        "Leads open at the export, given their age": ("leads.csv", "--as-of", str(DEFAULT_END)),
    }
    for title, (name, *arguments) in files.items():
        scored = folder / f"scored-{name}"
        run_step(folder, f"Scoring {name}", "score", str(folder / name), "-o", str(scored), *arguments, *config)
        comparison = run_step(folder, "Comparing with the truth", "truth", str(scored))
        sentences = comparison[comparison.index(KNOWN) :].strip()
        console.print(Panel(Text(sentences), title=title, title_align="left"))


def _visitors(address: str, key: str) -> Panel:
    """Send the form of the landing page as a person and as a script; show their responses and stored scores."""
    table = Table(box=None, padding=(0, 2))
    for heading in ("visitor", "stored as", "automation", "junk", "because"):
        table.add_column(heading)
    responses = set()
    for visitor in data("demo")["visitors"]:
        responses.add(_submit(address, visitor))
        headers = {"Authorization": f"Bearer {key}"}
        [lead] = json.loads(fetch(urllib.request.Request(f"{address}/v1/leads?limit=1", headers=headers)))["leads"]
        reasons = [reason["text"] for reason in lead["reasons"] if reason["kind"] == "junk"]
        probabilities = [f"{lead[name]:.0%}" for name in ("automation_probability", "junk_probability")]
        table.add_row(visitor["title"], lead["verdict"], *probabilities, reasons[0] if reasons else "no sign of junk")
    title = f"Two visitors of the landing page; the response to both was {' and '.join(sorted(responses))}"
    return Panel(table, title=title, title_align="left")


def _submit(address: str, visitor: dict[str, Any]) -> str:
    """Fill in the landing page as a visitor and return the response."""
    token = json.loads(fetch(urllib.request.Request(f"{address}/v1/forms/{FORM}/token")))["token"]
    payload = visitor["payload"]
    with console.status(f"The landing page: {visitor['title']} fills it in"):
        time.sleep(payload["ms"] / 1000)  # the service measures the time itself
    form = {**visitor["form"], "lw_data": json.dumps({**payload, "t": token})}
    body = urllib.parse.urlencode(form).encode()
    url = f"{address}/v1/forms/{FORM}/leads"
    return fetch(urllib.request.Request(url, body, visitor["headers"])).decode()


def score_panel(title: str, lead: dict[str, Any], score: dict[str, Any]) -> Panel:
    """Return a readable view of a score."""
    money = f"{score['predicted_value']:,.2f} {score['currency']}"
    rows = (
        ("Lead", f"{lead['email']}, {lead['company']}"),
        ("Verdict", score["verdict"]),
        ("MQL", f"{'yes' if score['mql'] else 'no'}: {score['mql_reason']}"),
        ("Predicted value", f"{money} = {score['win_probability']:.2%} x {score['expected_revenue']:,.0f}"),
        ("Junk, automation", f"{score['junk_probability']:.1%}, {score['automation_probability']:.1%}"),
        *(("" if number else "Why", reason) for number, reason in enumerate(_reasons(score))),
    )
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, style="bold"), Text(str(value)))
    style = {"accept": "green", "review": "yellow", "reject": "red"}.get(score["verdict"], "")
    return Panel(grid, title=title, title_align="left", border_style=style)


def _reasons(score: dict[str, Any]) -> list[str]:
    rules = [f"rule    {reason['text']}" for reason in score["reasons"] if reason["kind"] == "rule"]
    learned = [reason for reason in score["reasons"] if reason["kind"] == "model"]
    strongest = sorted(learned, key=lambda reason: -abs(reason["contribution"]))[:SHOWN_REASONS]
    return rules + [f"{reason['contribution']:+6.2f}  {reason['text']}" for reason in strongest]


def next_steps(folder: Path, address: str, pid: int | None) -> Panel:
    """Return where to look next; `pid` is that of the service where it is left running."""
    config = folder / "leadworth.toml"
    lines = [
        f"Settings: {config}; training report: {folder / 'train.log'}",
        f"Model card: {folder / 'model-card' / 'model_card.md'}",
        f"Models and their evaluation: leadworth models list --config {config}",
        f"Compute every decision again, bit by bit: leadworth replay --config {config}",
        f"Scores of new leads: {folder / 'scored-new-leads.csv'}; of open leads: {folder / 'scored-leads.csv'}",
        f"Settings that were proposed for HubSpot: {folder / FOLDER / 'leadworth.toml'}",
    ]
    if pid is None:
        lines.append(f"Start the service again: leadworth serve --config {config}, then /docs in a browser")
        lines.append("Or repeat with --keep, which leaves it running")
    else:
        lines.append(f"The service is running at {address}, with its API at {address}/docs; stop it with: kill {pid}")
        lines.append(f"Landing page with the collector: {address}/v1/forms/{FORM}/demo")
    lines.append("With your own data: leadworth init leads.csv deals.csv, or leadworth crm connect hubspot")
    return Panel(Text("\n".join(lines)), title="Where to look next", title_align="left")
