"""Which column of an export is which standard field of a lead."""

from __future__ import annotations

from collections.abc import Callable

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.header_vocabulary import HeaderMatch
from crm.inference.inference_findings import InferenceFindings
from leadworth.consent import not_understood
from leadworth.records import CLICK_IDS, Lead, fields_of
from leadworth.values import number

_FREE = ("message", "landing_page", "referrer", "form_id", *CLICK_IDS)
_NOT_MAPPED = ("lead_id", "submitted_at")
_CERTAIN = ("email", "phone", "ip", "user_agent", "website")
STANDARD = tuple(name for name in Lead.model_fields if name not in _NOT_MAPPED)


def _numeric(column: ColumnProfile) -> bool:
    if column.dates or column.kind in {"flag", "email", "url", "ip"}:
        return column.shares.get("number", 0) >= 0.9
    known = list(column.counts)[:200]
    return bool(known) and sum(number(value) is not None for value in known) >= 0.6 * len(known)


def _consent(column: ColumnProfile) -> bool:
    known = list(column.counts)[:200]
    return bool(known) and sum(not_understood(value) is None for value in known) >= 0.5 * len(known)


def _wordy(column: ColumnProfile) -> bool:
    if column.kind in {"number", "moment", "email", "ip", "user_agent"}:
        return False
    return column.kind != "flag" or not column.integers


def _share(kind: str) -> Callable[[ColumnProfile], bool]:
    return lambda column: column.shares.get(kind, 0) >= 0.5


_FITS: dict[str, Callable[[ColumnProfile], bool]] = {
    **dict.fromkeys(STANDARD, _wordy),
    **dict.fromkeys(_FREE, lambda column: column.kind not in {"moment", "email", "flag"}),
    **dict.fromkeys(fields_of("number"), _numeric),
    **dict.fromkeys(fields_of("flag"), lambda column: column.shares.get("flag", 0) >= 0.9),
    **dict.fromkeys(fields_of("consent"), _consent),
    **{name: _share(name) for name in ("email", "phone", "ip", "user_agent")},
    "website": _share("domain"),
    "full_name": _wordy,
}


def map_fields(export: ExportProfile, taken: set[str], findings: InferenceFindings) -> dict[str, str]:
    """Return standard field -> column, by header and values.

    Parameters
    ----------
    export
        The leads.
    taken
        Columns that have a use already: the id, the date, the outcome.
    findings
        Receives what was recognised and doubted.
    """
    mapped: dict[str, str] = {}
    for field in (*STANDARD, "full_name"):
        for column, match in export.meant("fields", field):
            if column.name in taken or column.name in mapped.values() or _said_otherwise(export, column, match):
                continue
            if column.kind == "empty":
                continue
            if not _FITS[field](column):
                if column.name in Lead.model_fields:
                    continue
                findings.doubt(
                    f"{export.name}: {column.name!r} is named like {field}, but holds {described(column)}",
                    f"if it is the {field}, add {field} = {column.name!r} to [leads.columns]",
                )
                continue
            mapped[field] = column.name
            findings.add(f"leads.columns.{field}", column, because(match, column))
            break
    _names(export, mapped, findings)
    _by_values(export, mapped, taken, findings)
    _near_spellings(export, mapped, taken, findings)
    return mapped


def because(match: HeaderMatch, column: ColumnProfile) -> str:
    """Return why a column was recognised."""
    how = "header" if match.strength >= 0.9 else "header, with other words beside it"
    return f"{how} ({match.origin}); {described(column)}"


def described(column: ColumnProfile) -> str:
    """Return in words what a column holds."""
    words = {
        "constant": "one single value", "email": "e-mail addresses", "ip": "IP addresses", "url": "web addresses",
        "user_agent": "browser names", "click_id": "click ids", "moment": "dates", "flag": "yes or no",
        "phone": "phone numbers", "number": "numbers", "text": "free text", "code": "codes, each another",
        "empty": "nothing", "many": f"{column.distinct} different values", "category": f"{column.distinct} categories",
    }  # fmt: skip
    filled = "" if column.filled >= 0.995 else f", filled in {column.filled:.0%} of rows"
    return words[column.kind] + filled


def _said_otherwise(export: ExportProfile, column: ColumnProfile, match: HeaderMatch) -> bool:
    """Tell whether the header is better known as something that is not known at submit."""
    others = (export.known_as(column.name, section) for section in ("late", "people"))
    return any(other is not None and other.strength > match.strength for other in others)


def _names(export: ExportProfile, mapped: dict[str, str], findings: InferenceFindings) -> None:
    """Let a full name stand where the first or last name is absent."""
    column = mapped.pop("full_name", None)
    findings.found[:] = [found for found in findings.found if found.setting != "leads.columns.full_name"]
    if column is None:
        return
    free = [field for field in ("first_name", "last_name") if field not in mapped]
    if not free:
        findings.leave(export.name, column, "first and last name are mapped already")
        return
    mapped[free[0]] = column
    findings.add(f"leads.columns.{free[0]}", export.columns[column], "the whole name in one column")


def _by_values(export: ExportProfile, mapped: dict[str, str], taken: set[str], findings: InferenceFindings) -> None:
    """Recognise e-mail, IP, user agent, phone and click ids by their values alone."""
    for column in export.columns.values():
        if column.name in taken or column.name in mapped.values() or export.says(column.name, "fields"):
            continue
        field = _click_id(column) if column.kind == "click_id" else column.kind
        if field in {"email", "ip", "user_agent", "phone", *CLICK_IDS} and field not in mapped:
            mapped[field] = column.name
            findings.add(f"leads.columns.{field}", column, f"values only: {described(column)}")
            if field == "phone":
                findings.doubt(
                    f"{export.name}: {column.name!r} looks like phone numbers", "remove `phone` if it is not"
                )


def _click_id(column: ColumnProfile) -> str:
    first = column.example
    if first.startswith("fb.1."):
        return "fbc"
    return "fbclid" if first.startswith("Iw") else "gclid"


def _near_spellings(
    export: ExportProfile, mapped: dict[str, str], taken: set[str], findings: InferenceFindings
) -> None:
    for column in export.columns.values():
        near = [match for match in export.meanings[column.name] if match.near and match.section == "fields"]
        if not near or column.name in taken or column.name in mapped.values() or column.kind == "empty":
            continue
        field = near[0].name
        if field in mapped or field not in _FITS or not _FITS[field](column):
            continue
        if field in _CERTAIN:
            mapped[field] = column.name
            findings.add(
                f"leads.columns.{field}", column, f"spelled nearly like {near[0].entry!r}; {described(column)}"
            )
            continue
        findings.doubt(
            f"{export.name}: {column.name!r} is spelled nearly like {near[0].entry!r} ({field})",
            f"if it is the {field}, add {field} = {column.name!r} to [leads.columns]",
        )
