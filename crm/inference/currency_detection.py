"""Which currency the money is in: by evidence, else not at all."""

from __future__ import annotations

import re
from collections import Counter

from crm.inference.export_profile import ExportProfile
from crm.inference.header_vocabulary import tokens
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings, InferredColumn
from leadworth.settings import NO_CURRENCY

_CODE = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")


def choose_currency(exports: list[ExportProfile], revenue: str | None, findings: InferenceFindings) -> str:
    """Return the ISO code that the files show, or XXX with a doubt."""
    seen = _seen(exports, revenue)
    if not seen:
        findings.doubt(
            "no currency is to be seen in the files, so `currency` says XXX",
            "write the ISO 4217 code of your money (such as EUR) into `currency`, or run init with --currency",
        )
        return NO_CURRENCY
    (code, (_, evidence)), *others = sorted(seen.items(), key=lambda item: -item[1][0])
    findings.found.append(_found(code, evidence))
    if others:
        findings.doubt(
            f"the files also show {', '.join(sorted(other for other, _ in others))}",
            "all money must be in one currency: convert it before the export",
        )
    sharing = [codes for codes in tokens().currencies.values() if codes[0] == code and len(codes) > 1]
    if sharing and "sign" in evidence:
        findings.doubt(
            f"{code} is taken from a sign that {', '.join(sharing[0][1:])} share", "correct `currency` if it is another"
        )
    return code


def _found(code: str, evidence: str) -> InferredColumn:
    return InferredColumn("currency", "", evidence, code)


def _seen(exports: list[ExportProfile], revenue: str | None) -> dict[str, tuple[int, str]]:
    """Return code -> (rows that show it, evidence)."""
    seen: dict[str, tuple[int, str]] = {}
    for export in exports:
        for column, _ in export.meant("outcomes", "currency"):
            counts = Counter(
                {
                    value.upper(): rows
                    for value, rows in column.counts.items()
                    if value.upper() in tokens().currency_codes
                }
            )
            for code, rows in counts.items():
                seen.setdefault(code, (rows, f"column {column.name!r} of {export.name}"))
    if seen:
        return seen
    for export in exports:
        for column in export.columns.values():
            if column.name != revenue and column.kind not in {"number", "category"}:
                continue
            for code, rows in _signs(_words(column.name) if column.name == revenue else column.name, {}).items():
                if column.name == revenue or column.kind == "number":
                    seen.setdefault(code, (column.rows + rows, f"header {column.name!r} of {export.name}"))
            if column.kind == "number":
                for code, rows in _signs("", column.counts).items():
                    seen.setdefault(code, (rows, f"sign in the values of {column.name!r} of {export.name}"))
    return seen


def _words(header: str) -> str:
    """Return a header in which "amount_eur" shows its code."""
    return f"{header} {normalise(header).upper()}"


def _signs(header: str, counts: dict[str, int]) -> Counter[str]:
    seen: Counter[str] = Counter(code for code in _CODE.findall(header) if code in tokens().currency_codes)
    for value, rows in [(header, 1), *list(counts.items())[:500]]:
        codes = [code for code in _CODE.findall(value) if code in tokens().currency_codes]
        signs = [sign for sign in tokens().currencies if sign in value.lower() or sign in value]
        if counts and codes:
            seen[codes[0]] += rows
        elif signs and (counts or not signs[0].isalpha()):
            seen[tokens().currencies[max(signs, key=len)][0]] += rows
    return seen
