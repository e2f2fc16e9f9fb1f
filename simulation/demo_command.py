"""`leadworth demo`: the whole way from a CRM export to a scored lead, on a simulated CRM.

Nothing here knows the rooms: each step is the command that a user would type.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.error import HTTPError, URLError

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from leadworth.console import console
from leadworth.errors import InputError, LeadworthError

MARK = ".leadworth-demo"
READY_SECONDS = 120.0
PROMOTED = "is champion now"
SHOWN_LINES = 30
SHOWN_REASONS = 6
STARTED = "What they took:"
"""What the sandbox says last when it is ready."""

LEADS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "A genuine lead",
        {
            "lead_id": "demo-genuine", "email": "giulia.ferri@ferri-meccanica.it", "first_name": "Giulia",
            "last_name": "Ferri", "phone": "+39 051 649 1122", "company": "Ferri Meccanica Srl",
            "website": "https://www.ferri-meccanica.it", "job_title": "Head of Operations", "employees": 180,
            "industry": "Manufacturing", "country": "Italy", "budget": 60000, "source": "search", "medium": "cpc",
            "campaign": "generic_software", "form_id": "quote", "entry": "form", "form_seconds": 74,
            "message": "We plan to replace our scheduling tool in the second quarter and need a quote for 60 seats. "
            "Could you call me on Thursday morning?",
            "session_seconds": 540, "pages_viewed": 9, "visits": 4, "days_since_first_visit": 12,
            "content_downloads": 2, "webinars_attended": 1, "pricing_views": 3, "demo_requested": True,
            "honeypot_filled": False, "webdriver": False,
        },
    ),
    (
        "A junk lead",
        {
            "lead_id": "demo-junk", "email": "xkqzwv8841@mailinator.com", "first_name": "xkqzwv", "last_name": "qpwdfh",
            "phone": "123456", "company": "asdfgh", "source": "display", "medium": "display",
            "campaign": "prospecting", "form_id": "contact", "entry": "form", "form_seconds": 1.2,
            "message": "Cheap SEO backlinks http://spam.example/a http://spam.example/b click now",
            "session_seconds": 2, "pages_viewed": 1, "visits": 1, "honeypot_filled": True, "webdriver": True,
        },
    ),
    (
        "A test address",
        {
            "lead_id": "demo-test", "email": "test@test.com", "first_name": "Test", "last_name": "Test",
            "company": "Test", "job_title": "CEO", "employees": 500, "source": "search", "form_id": "quote",
            "entry": "form", "form_seconds": 9, "message": "test", "pages_viewed": 3, "demo_requested": True,
        },
    ),
)  # fmt: skip


FORM = "landing"
"""The form of the landing page; it carries the collector."""

BROWSER = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Safari/537.36",
    "Accept": "text/html", "Accept-Language": "it-IT,it;q=0.9", "Accept-Encoding": "gzip, br",
    "Sec-CH-UA": '"Chromium"', "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate",
    "Content-Type": "application/x-www-form-urlencoded",
}  # fmt: skip
VISITS: tuple[tuple[str, dict[str, str], dict[str, Any], dict[str, str]], ...] = (
    (
        "a person",
        {
            "first_name": "Marta", "last_name": "Bruni", "email": "marta.bruni@bruni-impianti.it",
            "company": "Bruni Impianti Srl", "message": "Could you send a quote for 40 seats? We start in March.",
        },
        {
            "v": 1, "ms": 15_000, "first_ms": 2_200, "keys": 61, "chars": 55, "ik_med": 162, "ik_cv": 0.8,
            "hold_med": 108, "hold_cv": 0.27, "bs": 3, "paste": 0, "fill": 4, "tabs": 0, "fields": 5, "nofocus": 0,
            "mv": 180, "path": 2100, "straight": 0.4, "turn": 0.4, "cx": 0.37, "cy": 0.6, "gap": 190, "kind": "click",
            "untrusted": 0, "hp": 0, "auto": 0, "gl_soft": 0, "lie_gl": 0, "lie_brand": 0, "lie_tz": 0, "lie_ua": 0,
            "lie_screen": 0, "touch": 0, "tz": "Europe/Rome",
        },
        BROWSER,
    ),
    (
        "a script",
        {
            "first_name": "uKguQGoDbyxINzx", "last_name": "XkTpwQzLmRvBnJd", "email": "o.w.on.u.x.o.b.i.c334@gmail.com",
            "message": "Cheap SEO backlinks http://spam.example/a http://spam.example/b", "fax_number": "filled",
        },
        {
            "v": 1, "ms": 800, "keys": 0, "chars": 92, "fields": 4, "nofocus": 4, "mv": 0, "kind": "script",
            "untrusted": 4, "hp": 1, "hp_focus": 0, "hp_fill": 0, "auto": 1, "gl_soft": 1, "touch": 0, "tz": "UTC",
            "lie_tz": 1,
        },
        {},
    ),
)  # fmt: skip
"""What two visitors write, and what the collector would have seen of them."""


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Folder to work in; one of an earlier demo is made anew.")
    ] = Path("demo"),
    leads: Annotated[int, typer.Option(min=500, help="Leads of the simulated CRM.")] = 8_000,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running.")] = False,
) -> None:
    """Simulate a CRM, train, serve, score leads, and tell stand-ins for the ad platforms what leads are worth.

    Two minutes at most, no network.
    """
    start = time.monotonic()
    _make(folder)
    config = ["--config", str(folder / "leadworth.toml")]
    _step(folder, "Simulating a CRM", "simulate", str(folder), "--leads", str(leads), "--months", "24", "--seed", "7",
          "--end", f"{datetime.now(UTC):%Y-%m-%d}")  # fmt: skip
    trained = _step(folder, "Training and registering a model", "train", *config)
    if PROMOTED not in trained:
        console.print(
            f"  The gate did not let this model pass ({folder / 'train.log'} says why); promoted by force to go on"
        )
        _step(folder, "Promoting it", "models", "promote", "1", "--force", "--reason", "shown in the demo", *config)
    key = _step(
        folder, "Making an API key", "keys", "create", "demo", "--scope", "score", "--scope", "read", "-q", *config
    )
    with _platforms(folder) as variables, _server(folder, config, keep, variables) as (address, process):
        for title, lead in LEADS:
            console.print(_verdict(title, lead, _post(f"{address}/v1/scores", key.strip(), lead)))
        console.print(_visitors(address, key.strip()))
        _step(folder, "Planning what the ad platforms are told", "export", "plan", *config, more=variables)
        _step(folder, "Telling their stand-ins on this machine", "export", "run", *config, more=variables)
        told = _step(folder, "Reading the ledger", "export", "status", *config, more=variables)
        console.print(Panel(Text(told.rstrip()), title="What the ad platforms were told", title_align="left"))
        _next(folder, address, process.pid if keep else None)
    console.print(f"The demo took {time.monotonic() - start:.0f} s")


def _visitors(address: str, key: str) -> Panel:
    """Let a person and a script send the landing page, and show what each was told and what was stored."""
    table, answers = Table(box=None, padding=(0, 2)), set()
    for heading in ("visitor", "stored as", "automation", "junk", "because"):
        table.add_column(heading)
    for title, fields, seen, browser in VISITS:
        token = json.loads(_open(urllib.request.Request(f"{address}/v1/forms/{FORM}/token")))["token"]
        with console.status(f"The landing page: {title} fills it in"):
            time.sleep(seen["ms"] / 1000)  # the service measures the time itself
        form = {**fields, "lw_data": json.dumps({**seen, "t": token})}
        body = urllib.parse.urlencode(form).encode()
        answers.add(_open(urllib.request.Request(f"{address}/v1/forms/{FORM}/leads", body, browser)).decode())
        headers = {"Authorization": f"Bearer {key}"}
        [lead] = json.loads(_open(urllib.request.Request(f"{address}/v1/leads?limit=1", headers=headers)))["leads"]
        why = next(
            (reason["text"] for reason in lead["reasons"] if reason["kind"] == "junk"), "nothing speaks against it"
        )
        shares = [f"{lead[name]:.0%}" for name in ("automation_probability", "junk_probability")]
        table.add_row(title, lead["verdict"], *shares, why)
    return Panel(
        table, title=f"Two visitors of the landing page; both were told {' and '.join(answers)}", title_align="left"
    )


def _make(folder: Path) -> None:
    """Make the folder; never touch one that is not a demo's."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise InputError(
                f"the folder {folder} is not empty and not an earlier demo's", do="name another one with --dir"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def _step(folder: Path, title: str, *arguments: str, more: Mapping[str, str] | None = None) -> str:
    """Run one command of leadworth and return what it printed; show its output where it fails."""
    start = time.monotonic()
    log = folder / f"{arguments[0]}.log"
    with console.status(f"{title}: leadworth {' '.join(arguments)}"), log.open("w", encoding="utf-8") as errors:
        done = subprocess.run(
            _command(arguments), stdout=subprocess.PIPE, stderr=errors, text=True, check=False,
            env={**os.environ, **(more or {})},
        )  # fmt: skip
    said = log.read_text(encoding="utf-8")
    if done.returncode != 0:
        _failed(title, arguments, f"{done.stdout}\n{said}")
    if arguments[0] != "keys":
        log.write_text(f"{done.stdout}\n{said}", encoding="utf-8")
    console.print(Text(f"  {title}: {time.monotonic() - start:.0f} s"))
    return done.stdout


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "leadworth", *arguments]


def _failed(title: str, arguments: Sequence[str], output: str) -> NoReturn:
    tail = "\n".join(output.strip().splitlines()[-SHOWN_LINES:])
    console.print(Panel(Text(tail), title=f"leadworth {arguments[0]}", title_align="left"))
    raise LeadworthError(
        f"the step {title!r} failed", do=f"repeat it with: leadworth {' '.join(arguments)}; then `leadworth doctor`"
    )


@contextmanager
def _platforms(folder: Path) -> Iterator[dict[str, str]]:
    """Let stand-ins for the ad platforms run; yield the variables with which leadworth finds them."""
    log = folder / "platforms.log"
    arguments = ("export", "sandbox", "--port", "0")
    with log.open("wb") as output:
        process = subprocess.Popen(_command(arguments), stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + READY_SECONDS
        while STARTED not in (said := log.read_text(encoding="utf-8")):
            if process.poll() is not None or time.monotonic() > until:
                _failed("Starting the platforms' stand-ins", arguments, said)
            time.sleep(0.1)
        pairs = [line.removeprefix("export ").split("=", 1) for line in said.splitlines() if line.startswith("export ")]
        yield {name: "".join(shlex.split(value)) for name, value in pairs}
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _server(
    folder: Path, config: Sequence[str], keep: bool, more: Mapping[str, str]
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run the scoring service; end it afterwards unless it is to stay."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    arguments = ["serve", "--host", "127.0.0.1", "--port", str(port), *config]
    log = folder / "serve.log"
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(arguments), stdout=output, stderr=subprocess.STDOUT, start_new_session=keep,
            env={**os.environ, **more, "LEADWORTH_FORMS__DEMO": "true", "LEADWORTH_FORMS__PROTECTED": FORM},
        )  # fmt: skip
    stay = False
    try:
        with console.status(f"Starting the service: leadworth {' '.join(arguments)}"):
            if not _ready(process, address):
                _failed("Starting the service", arguments, log.read_text(encoding="utf-8"))
        console.print(Text(f"  Starting the service: {time.monotonic() - start:.0f} s"))
        yield address, process
        stay = keep
    finally:
        if not stay:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(process: subprocess.Popen[bytes], address: str) -> bool:
    end = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            _open(urllib.request.Request(f"{address}/readyz"))
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return True
    return False


def _post(url: str, key: str, lead: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        score: dict[str, Any] = json.loads(_open(urllib.request.Request(url, json.dumps(lead).encode(), headers)))
    except HTTPError as error:
        raise LeadworthError(
            f"POST {url} answered {error.code}: {error.read().decode()}", do="see serve.log in the demo's folder"
        ) from error
    return score


def _open(request: urllib.request.Request) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        content: bytes = answer.read()
    return content


def _verdict(title: str, lead: dict[str, Any], score: dict[str, Any]) -> Panel:
    """Show a score as a person reads it."""
    money = f"{score['predicted_value']:,.2f} {score['currency']}"
    facts = Table.grid(padding=(0, 2))
    rows = (
        ("Lead", f"{lead['email']}, {lead['company']}"),
        ("Verdict", score["verdict"]),
        ("MQL", f"{'yes' if score['mql'] else 'no'}: {score['mql_reason']}"),
        ("Predicted value", f"{money} = {score['win_probability']:.2%} x {score['expected_revenue']:,.0f}"),
        ("Junk, automation", f"{score['junk_probability']:.1%}, {score['automation_probability']:.1%}"),
        *(("Why" if place == 0 else "", why) for place, why in enumerate(_reasons(score))),
    )
    for name, value in rows:
        facts.add_row(Text(name, style="bold"), Text(str(value)))
    style = {"accept": "green", "review": "yellow", "reject": "red"}.get(score["verdict"], "")
    return Panel(facts, title=title, title_align="left", border_style=style)


def _reasons(score: dict[str, Any]) -> list[str]:
    rules = [f"rule    {reason['text']}" for reason in score["reasons"] if reason["kind"] == "rule"]
    learned = [reason for reason in score["reasons"] if reason["kind"] == "model"]
    strongest = sorted(learned, key=lambda reason: -abs(reason["contribution"]))[:SHOWN_REASONS]
    return rules + [f"{reason['contribution']:+6.2f}  {reason['text']}" for reason in strongest]


def _next(folder: Path, address: str, pid: int | None) -> None:
    lines = [
        f"The settings: {folder / 'leadworth.toml'}; what training said: {folder / 'train.log'}",
        f"The model card: {folder / 'model-card' / 'model_card.md'}",
        f"The models and how they were judged: leadworth models list --config {folder / 'leadworth.toml'}",
        f"Every decision computed again, bit by bit: leadworth replay --config {folder / 'leadworth.toml'}",
        f"A whole file: leadworth score {folder / 'leads.csv'} -o scored.csv --config {folder / 'leadworth.toml'}",
    ]
    if pid is None:
        lines.append(
            f"The service again: leadworth serve --config {folder / 'leadworth.toml'}, then /docs in a browser"
        )
        lines.append("Or repeat with --keep, which leaves it running")
    else:
        lines.append(f"The service stays at {address}, described at {address}/docs; end it with: kill {pid}")
        lines.append(f"A landing page with the collector: {address}/v1/forms/{FORM}/demo")
    lines.append("With your own data: leadworth init leads.csv deals.csv")
    console.print(Panel(Text("\n".join(lines)), title="Where to look next", title_align="left"))
