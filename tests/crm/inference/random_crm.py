"""Exports of random businesses, in random notations, languages and shapes, with the settings that are right."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROWS = 300
SHAPES = ("deals name the lead", "leads name the deal", "lists of leads", "associations", "one file")
_EPOCH = datetime(1899, 12, 30)
_DATES: tuple[Callable[[datetime], str], ...] = (
    lambda at: at.strftime("%Y-%m-%d %H:%M:%S"),
    lambda at: at.strftime("%d.%m.%Y %H:%M"),
    lambda at: at.strftime("%m/%d/%Y %I:%M %p"),
    lambda at: at.strftime("%d/%m/%Y"),
    lambda at: at.strftime("%Y/%m/%d"),
    lambda at: at.strftime("%d %b %Y"),
    lambda at: at.strftime("%Y%m%d"),
    lambda at: str(round((at - _EPOCH).total_seconds() / 86_400, 4)),
    lambda at: str(int(at.replace(tzinfo=UTC).timestamp() * 1000)),
)
_AMOUNTS: tuple[Callable[[float], str], ...] = (
    lambda amount: f"{amount:.2f}",
    lambda amount: f"{amount:.2f} €".replace(".", ","),
    lambda amount: f"${amount:,.2f}",
    lambda amount: f"{amount / 1000:.1f}K",
    lambda amount: f"CHF {amount:,.2f}".replace(",", "’"),
)
_IDS: tuple[Callable[[str, int], str], ...] = (
    lambda kind, number: str((20_000, 70_000)[kind == "D"] + number),
    lambda kind, number: f"{kind}-{number * 7:06d}",
    lambda kind, number: f"{kind}{number * 7_919:012x}",
    lambda kind, number: str((10**9, 7 * 10**9)[kind == "D"] + 37 * number),
)
_COUNTER: Callable[[str, int], str] = lambda kind, number: str(number + 1)  # noqa: E731
_STAGES = (
    ("Closed Won", "Closed Lost", "Negotiation"),
    ("Gewonnen", "Verloren", "Angebot"),
    ("Vinto", "Perso", "Trattativa"),
    ("Ganado", "Perdido", "Propuesta"),
    ("Gagné", "Perdu", "Devis envoyé"),
    ("Ganho", "Perdido", "Proposta"),
    ("Выиграна", "Проиграна", "В работе"),
)
_HEADERS = (
    ("Lead ID", "Created", "Email", "Company", "Source", "Deal ID", "Stage", "Close Date", "Amount"),
    ("Lead-ID", "Erstellt am", "E-Mail", "Firma", "Quelle", "Vorgangs-ID", "Phase", "Abschlussdatum", "Betrag"),
    ("ID lead", "Data creazione", "E-mail", "Azienda", "Origine", "ID trattativa", "Fase", "Data chiusura", "Importo"),
    ("ID", "Fecha de creación", "Correo", "Empresa", "Origen", "ID negocio", "Etapa", "Fecha de cierre", "Importe"),
    ("Aqa", "Bqb", "Cqc", "Dqd", "Eqe", "Fqf", "Gqg", "Hqh", "Iqi"),
)


@dataclass(frozen=True)
class RandomCrm:
    """Files of a business, and the settings that are right: "section.name" -> value; None where it is left out."""

    files: list[Path]
    settings: dict[str, object]


def write_random_crm(folder: Path, seed: int) -> RandomCrm:
    """Write the exports of a business."""
    rng = random.Random(seed)
    shape = SHAPES[seed % len(SHAPES)]
    headers = rng.choice(_HEADERS)
    submitted, closed = rng.choice(_DATES), rng.choice(_DATES)
    amount, stages = rng.choice(_AMOUNTS), rng.choice(_STAGES)
    lead_id, deal_id = rng.choice((*_IDS, _COUNTER)), rng.choice(_IDS)
    leads: list[dict[str, str]] = []
    deals: list[dict[str, str]] = []
    links: list[dict[str, str]] = []
    for number in range(ROWS):
        at = datetime(2025, 1, 1) + timedelta(hours=23 * number + 10 * rng.random())
        lead, deal, stage = lead_id("L", number), deal_id("D", number), rng.choice((*stages, stages[1]))
        has_deal = rng.random() < 0.7
        values = (lead, submitted(at), f"p{number}@firm{number}.com", f"Firm {number}", rng.choice(("google", "fair")))
        row = dict(zip(headers, values, strict=False))
        outcome = (deal, stage, closed(at + timedelta(days=rng.randrange(3, 60))), amount(rng.lognormvariate(8, 1)))
        result = dict(zip(headers[5:], outcome, strict=True))
        if shape == "one file":
            filled = has_deal and stage != stages[2]
            row |= {name: text if filled else "" for name, text in list(result.items())[1:]}
        elif shape == "leads name the deal":
            row["Key"] = deal if has_deal else ""
        elif shape == "associations":
            links += [{"Left": deal, "Right": lead}] if has_deal else []
        else:
            second = f";{lead_id('L', (number + 1) % ROWS)}" if rng.random() < 0.2 else ""
            result["Whose"] = lead + (second if shape == "lists of leads" else "")
        leads.append(row)
        deals += [result] if has_deal and shape != "one file" else []
    delimiter = rng.choice(",;")
    tables = {"leads": leads, "deals": deals, "associations": links}
    files = [_write(folder / f"{name}.csv", rows, delimiter) for name, rows in tables.items() if rows]
    return RandomCrm(files, _right(shape, headers, stages))


def _right(shape: str, headers: tuple[str, ...], stages: tuple[str, str, str]) -> dict[str, object]:
    meets = {"leads name the deal": headers[5], "associations": "Right", "one file": None}.get(shape, "Whose")
    return {
        "leads.id": headers[0],
        "leads.submitted_at": headers[1],
        "outcomes.lead_id": meets,
        "outcomes.key": "Key" if shape == "leads name the deal" else None,
        "outcomes.stage": headers[6],
        "outcomes.won_stages": [stages[0]],
        "outcomes.lost_stages": [stages[1]],
        "outcomes.won_at": headers[7],
        "outcomes.revenue": headers[8],
    }


def _write(path: Path, rows: list[dict[str, str]], delimiter: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path
