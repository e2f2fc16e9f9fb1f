"""Field matching: map the columns of an export to the standard fields of a lead."""

from __future__ import annotations

import re
from collections.abc import Callable

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.header_vocabulary import HeaderMatch
from crm.inference.inference_findings import InferenceFindings
from leadworth.consent import not_understood
from leadworth.identifier_formats import PLACEHOLDERS, valid_id
from leadworth.readers.number_reader import read_number
from leadworth.records import CLICK_IDS, Lead, fields_of
from leadworth.unreadable import readable

_ADS = re.compile(r"\bads?\b|advert|personali[sz]ed")
"""Words of a header that say that a consent is about ads."""
_FREE_TEXT = ("message", "landing_page", "referrer", "form_id", *CLICK_IDS)
_NOT_MAPPED = ("lead_id", "submitted_at")
_VERIFIABLE = ("email", "phone", "ip", "user_agent", "website")
_OWN_ADDRESS = 0.5
"""Share of distinct addresses below which they are not those of the leads, but of the people who work them."""
STANDARD = tuple(name for name in Lead.model_fields if name not in _NOT_MAPPED)


def _holds_numbers(column: ColumnProfile) -> bool:
    if column.kind in {"range", "masked"}:
        return False
    if column.dates or column.kind in {"flag", "email", "url", "ip"}:
        return column.shares.get("number", 0) >= 0.9
    sample = list(column.counts)[:200]
    return bool(sample) and sum(readable(read_number(value)) is not None for value in sample) >= 0.6 * len(sample)


def _holds_consents(column: ColumnProfile) -> bool:
    sample = list(column.counts)[:200]
    return bool(sample) and sum(not_understood(value) is None for value in sample) >= 0.5 * len(sample)


def _holds_ids(field: str) -> Callable[[ColumnProfile], bool]:
    """Return the check whether most values are ids of a platform, such as the client id of Google Analytics."""

    def check(column: ColumnProfile) -> bool:
        sample = [value for value in list(column.counts)[:200] if value.casefold() not in PLACEHOLDERS]
        return bool(sample) and sum(valid_id(field, value) is not None for value in sample) >= 0.5 * len(sample)

    return check


def _holds_words(column: ColumnProfile) -> bool:
    if column.kind in {"number", "moment", "email", "ip", "user_agent"}:
        return False
    return column.kind != "flag" or not column.integers


def _mostly(kind: str) -> Callable[[ColumnProfile], bool]:
    return lambda column: column.shares.get(kind, 0) >= 0.5


_VALUE_CHECKS: dict[str, Callable[[ColumnProfile], bool]] = {
    **dict.fromkeys(STANDARD, _holds_words),
    **dict.fromkeys(_FREE_TEXT, lambda column: column.kind not in {"moment", "email", "flag"}),
    **dict.fromkeys(fields_of("number"), _holds_numbers),
    **dict.fromkeys(fields_of("flag"), lambda column: column.shares.get("flag", 0) >= 0.9),
    **dict.fromkeys(fields_of("consent"), _holds_consents),
    **{name: _holds_ids(name) for name in ("ga_client_id", "meta_lead_id")},
    "clicked_at": lambda column: column.dates is not None or column.kind == "moment",
    **{name: _mostly(name) for name in ("email", "phone", "ip", "user_agent")},
    "website": _mostly("domain"),
    "full_name": _holds_words,
}


def map_fields(export: ExportProfile, used: set[str], findings: InferenceFindings) -> dict[str, str]:
    """Return standard field -> column, by header and values.

    Parameters
    ----------
    export
        Profile of the leads.
    used
        Columns that are mapped already: the id, the submit time, the outcome.
    findings
        Receives inferred columns and warnings.
    """
    mapped: dict[str, str] = {}
    for field in (*STANDARD, "full_name"):
        for column, match in export.columns_for("fields", field):
            if column.name in used or column.name in mapped.values() or _is_known_later(export, column, match):
                continue
            if column.kind in {"empty", "masked"}:
                continue
            if not _VALUE_CHECKS[field](column):
                if column.name not in Lead.model_fields and column.kind != "range":
                    findings.note(
                        f"{export.name}: {column.name!r} is named like {field}, but holds {describe_values(column)}",
                        f"if it is the {field}, add {field} = {column.name!r} to [leads.columns]",
                    )
                continue
            mapped[field] = column.name
            findings.add(f"leads.columns.{field}", column, explain_match(match, column))
            if field in fields_of("consent") and not _ADS.search(match.entry):
                findings.note(
                    f"{export.name}: {column.name!r} is taken for consent to share data with ad platforms",
                    f"remove {field} if people consented to something else, such as a newsletter",
                )
            break
    _map_full_name(export, mapped, findings)
    _map_by_values(export, mapped, used, findings)
    _map_near_spellings(export, mapped, used, findings)
    return mapped


def explain_match(match: HeaderMatch, column: ColumnProfile) -> str:
    """Return the reason why a column was matched."""
    how = "header" if match.strength >= 0.9 else "header with additional words"
    return f"{how} ({match.origin}); {describe_values(column)}"


def describe_values(column: ColumnProfile) -> str:
    """Return a description of the values of a column."""
    words = {
        "constant": "a single value",
        "email": "e-mail addresses",
        "ip": "IP addresses",
        "url": "web addresses",
        "user_agent": "user agents",
        "click_id": "click ids",
        "moment": "dates",
        "flag": "yes or no",
        "phone": "phone numbers",
        "number": "numbers",
        "text": "free text",
        "range": f"{column.distinct} ranges of numbers",
        "masked": "masked values",
        "code": "codes, all different",
        "empty": "no values",
        "many": f"{column.distinct} different values",
        "category": f"{column.distinct} categories",
    }
    filled = "" if column.filled >= 0.995 else f", filled in {column.filled:.0%} of rows"
    return words[column.kind] + filled


def _is_known_later(export: ExportProfile, column: ColumnProfile, match: HeaderMatch) -> bool:
    """Return whether a stronger match says that the column is not known at submit."""
    others = (export.reliable_match(column.name, section) for section in ("late", "people"))
    return any(other is not None and other.strength > match.strength for other in others)


def _map_full_name(export: ExportProfile, mapped: dict[str, str], findings: InferenceFindings) -> None:
    """Map a full name to the first or last name, if one of them has no column."""
    column = mapped.pop("full_name", None)
    findings.remove("leads.columns.full_name")
    if column is None:
        return
    free = [field for field in ("first_name", "last_name") if field not in mapped]
    if not free:
        findings.leave_out(export.name, column, "first and last name are mapped already")
        return
    mapped[free[0]] = column
    findings.add(f"leads.columns.{free[0]}", export.columns[column], "full name in one column")


def _map_by_values(export: ExportProfile, mapped: dict[str, str], used: set[str], findings: InferenceFindings) -> None:
    """Map e-mail addresses, IP addresses, user agents, phone numbers and click ids by their values alone."""
    for column in export.columns.values():
        if column.name in used or column.name in mapped.values() or export.best_match(column.name, "fields"):
            continue
        field = _click_id(column) if column.kind == "click_id" else column.kind
        if field == "email" and column.unique < _OWN_ADDRESS:
            continue
        if field in {"email", "ip", "user_agent", "phone", *CLICK_IDS} and field not in mapped:
            mapped[field] = column.name
            findings.add(f"leads.columns.{field}", column, f"values only: {describe_values(column)}")
            if field == "phone":
                findings.note(
                    f"{export.name}: the values of {column.name!r} look like phone numbers",
                    "remove `phone` if they are not",
                )


def _click_id(column: ColumnProfile) -> str:
    if column.example.startswith("fb.1."):
        return "fbc"
    return "fbclid" if column.example.startswith("Iw") else "gclid"


def _map_near_spellings(
    export: ExportProfile, mapped: dict[str, str], used: set[str], findings: InferenceFindings
) -> None:
    """Map near spellings whose values can be verified; warn about the others."""
    for column in export.columns.values():
        near = [match for match in export.meanings[column.name] if match.near and match.section == "fields"]
        if not near or column.name in used or column.name in mapped.values() or column.kind == "empty":
            continue
        field = near[0].name
        if field in mapped or field not in _VALUE_CHECKS or not _VALUE_CHECKS[field](column):
            continue
        if field in _VERIFIABLE:
            mapped[field] = column.name
            findings.add(
                f"leads.columns.{field}", column, f"spelling near {near[0].entry!r}; {describe_values(column)}"
            )
            continue
        findings.note(
            f"{export.name}: {column.name!r} has a spelling near {near[0].entry!r} ({field})",
            f"if it is the {field}, add {field} = {column.name!r} to [leads.columns]",
        )
