"""Currency detection: the currency that the columns, headers or values of the exports show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.header_vocabulary import tokens
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings, InferredColumn
from crm.inference.outcome_columns import OutcomeColumns
from leadworth.settings import NO_CURRENCY

_CODE = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")
_MOST_VALUES = 500


def detect_currency(exports: Sequence[ExportProfile], outcome: OutcomeColumns, findings: InferenceFindings) -> str:
    """Return the ISO 4217 code that the files show, or XXX with a warning."""
    evidence = _by_column(exports) or _by_symbols(exports, outcome.columns.get("revenue"))
    if not evidence:
        findings.note(
            "the files show no currency, so `currency` is XXX",
            "set `currency` to the ISO 4217 code of your money (such as EUR), or run init with --currency",
        )
        return NO_CURRENCY
    (code, (_, reason)), *others = sorted(evidence.items(), key=lambda item: -item[1][0])
    findings.inferred.append(InferredColumn("currency", "", reason, code))
    if others and "revenue" in outcome.columns and "currency" not in outcome.columns:
        findings.warn(
            f"the files also show {', '.join(sorted(other for other, _ in others))}",
            "all money must be in one currency: convert it before the export",
        )
    shared = [codes for codes in tokens().currencies.values() if codes[0] == code and len(codes) > 1]
    if shared and "symbol" in reason:
        findings.warn(
            f"the symbol that was read as {code} is also used for {', '.join(shared[0][1:])}",
            "correct `currency` if it is another",
        )
    return code


def map_currency_column(
    outcomes: ExportProfile, outcome: OutcomeColumns, currency: str | None, findings: InferenceFindings
) -> list[str]:
    """Map the column with the currencies of the revenue, if there are several; return those that need a rate.

    Parameters
    ----------
    outcomes
        Profile of the outcomes.
    outcome
        Inferred settings of [outcomes], to which the column is added.
    currency
        Option of the user: the currency of the values.
    findings
        Receives the column and the warning.
    """
    column = next((column for column in outcomes.columns.values() if _holds_currencies(column)), None)
    if column is None or "revenue" not in outcome.columns or column.distinct < 2:
        return []
    codes = list(dict.fromkeys(value.upper() for value in column.counts))
    main = currency or codes[0]
    others = [code for code in codes if code != main]
    outcome.columns["currency"] = column.name
    findings.add("outcomes.currency", column, f"{len(codes)} currencies, most rows {codes[0]}")
    counts = ", ".join(f"{rows:,} in {code}" for code, rows in list(column.counts.items())[:5])
    findings.warn(
        f"{outcomes.name}: the amounts are in several currencies: {counts} rows",
        f"set the value of one {others[0]} in {main} in [currencies], such as {others[0]} = 0.9",
        "stop",
    )
    return others


def _holds_currencies(column: ColumnProfile) -> bool:
    codes = tokens().currency_codes
    return bool(column.counts) and all(value.upper() in codes for value in column.counts)


def _by_column(exports: Sequence[ExportProfile]) -> dict[str, tuple[int, str]]:
    """Return code -> (number of rows, reason) from columns of currency codes."""
    evidence: dict[str, tuple[int, str]] = {}
    for export in exports:
        named = [column for column, _ in export.columns_for("outcomes", "currency")]
        for column in named or filter(_holds_currencies, export.columns.values()):
            rows_by_code = {value.upper(): rows for value, rows in column.counts.items()}
            for code, rows in rows_by_code.items():
                if code in tokens().currency_codes:
                    evidence.setdefault(code, (rows, f"column {column.name!r} of {export.name}"))
    return evidence


def _by_symbols(exports: Sequence[ExportProfile], revenue: str | None) -> dict[str, tuple[int, str]]:
    """Return code -> (number of rows, reason) from codes and symbols in headers and numbers."""
    evidence: dict[str, tuple[int, str]] = {}
    for export in exports:
        for column in export.columns.values():
            if column.name != revenue and column.kind != "number":
                continue
            # "amount_eur" shows its code only after normalisation
            header = f"{column.name} {normalise(column.name).upper()}" if column.name == revenue else column.name
            for code, rows in _count_codes(header, {}).items():
                evidence.setdefault(code, (column.rows + rows, f"header {column.name!r} of {export.name}"))
            if column.kind == "number":
                for code, rows in _count_codes("", column.counts).items():
                    evidence.setdefault(code, (rows, f"symbol in the values of {column.name!r} of {export.name}"))
    return evidence


def _count_codes(header: str, counts: dict[str, int]) -> Counter[str]:
    rows_by_code: Counter[str] = Counter(code for code in _CODE.findall(header) if code in tokens().currency_codes)
    for value, rows in [(header, 1), *list(counts.items())[:_MOST_VALUES]]:
        codes = [code for code in _CODE.findall(value) if code in tokens().currency_codes]
        spellings = {value, value.lower()}
        symbols = [
            symbol for symbol in tokens().currencies if any(tokens().has_symbol(symbol, text) for text in spellings)
        ]
        if counts and codes:
            rows_by_code[codes[0]] += rows
        elif symbols and (counts or not symbols[0].isalpha()):
            rows_by_code[tokens().currencies[max(symbols, key=len)][0]] += rows
    return rows_by_code
