"""Explanation of a column: how it is used, why, and what else it could be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import describe_values
from crm.inference.file_joins import names_after_joins
from crm.inference.header_vocabulary import HeaderMatch
from crm.inference.inference_findings import PERSONAL_SETTINGS
from crm.inference.masking import PERSONAL_KINDS, mask
from crm.inference.proposal import Proposal

_TESTS = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "flag": "yes or no",
    "number": "numbers",
    "url": "web addresses",
    "masked": "masked",
}
_SECTIONS = {
    "fields": "the field {}",
    "outcomes": "{} of the outcome",
    "late": "written after submit",
    "people": "the person who works the lead",
}
_FEATURES = {"numeric": "a number", "categorical": "a category", "text": "text"}
_MOST = 4


def explain_column(proposal: Proposal, export: ExportProfile, name: str) -> list[tuple[str, str]]:
    """Return the explanation of a column as pairs of a label and a text.

    Parameters
    ----------
    proposal
        Proposed settings.
    export
        File of the column.
    name
        Its header.
    """
    column = export.columns[name]
    uses = list(column_uses(proposal, export, name))
    lines = [("use", f"{use}: {reason}" if reason else use) for use, reason in uses]
    lines.append(("values", _values(column, export, personal=_is_personal(uses, export, name))))
    if tests := [f"{share:.0%} {_TESTS[test]}" for test, share in column.shares.items() if share and test in _TESTS]:
        lines.append(("tests", ", ".join(tests)))
    meanings = [match for match in export.meanings[name] if not match.near][:_MOST]
    if meanings:
        lines.append(("header", "can mean " + "; ".join(map(_meaning, meanings))))
    if filled := _filled(proposal, export, name):
        lines.append(("filled", filled))
    lines += [("instead", rival) for rival in _rivals(proposal, export, name)]
    return lines


def column_uses(proposal: Proposal, export: ExportProfile, name: str) -> Iterator[tuple[str, str]]:
    """Yield each use of a column and the reason; one pair with an empty reason if there is none."""
    settings = list(dict.fromkeys(_settings_of(proposal, export, name)))
    yield from settings
    if export is proposal.leads and not any(use.startswith("[leads") or "leads." in use for use, _ in settings):
        for kind, meaning in _FEATURES.items():
            if name in getattr(proposal.features, kind):
                yield f"feature, as {meaning}", getattr(proposal.features, kind)[name]
                return
    reasons = [item.reason for item in proposal.findings.unused if item.column == name and item.file == export.name]
    if export is proposal.leads and name in proposal.features.ignore:
        reasons.append(proposal.features.ignore[name])
    if reasons and not settings:
        yield "not used", reasons[0]
    elif not settings:
        whole = [item.reason for item in proposal.findings.unused if item.file == export.name]
        yield "not used", whole[0] if whole else "no values" if export.columns[name].kind == "empty" else ""


def _settings_of(proposal: Proposal, export: ExportProfile, name: str) -> Iterator[tuple[str, str]]:
    """Yield the settings that hold a column, with the reasons."""
    column = export.columns[name]
    joined = _joined_name(proposal, export, name)
    for item in proposal.findings.inferred:
        of_outcomes = item.setting.startswith("outcomes.") and joined is not None and item.column == joined
        if item.profile is column or (of_outcomes and item.profile is proposal.outcomes.columns.get(item.column)):
            yield item.setting, item.reason
    settings = {item.setting for item in proposal.findings.inferred}
    for setting, used in proposal.outcome.columns.items():
        if joined == used and f"outcomes.{setting}" not in settings:
            yield f"outcomes.{setting}", "the same column"


def _joined_name(proposal: Proposal, export: ExportProfile, name: str) -> str | None:
    """Return the name of a column among those of the outcomes; None if its file has none."""
    if proposal.path is None:
        return name
    return names_after_joins(proposal.path.outcomes, proposal.path.joins).get((export.sample.path, name))


def _is_personal(uses: Iterable[tuple[str, str]], export: ExportProfile, name: str) -> bool:
    """Return whether a column holds data of the leads or of the people who work them."""
    settings = {use.rpartition(".")[2] for use, _ in uses}
    return bool(settings & PERSONAL_SETTINGS) or export.best_match(name, "people") is not None


def _values(column: ColumnProfile, export: ExportProfile, *, personal: bool) -> str:
    if column.kind == "empty":
        return f"none in {column.rows:,} rows"
    filled = round(column.filled * column.rows)
    kind = "many" if personal and column.kind not in PERSONAL_KINDS else column.kind
    form = f", written as {column.dates.format or 'ISO 8601'}" if column.dates else ""
    examples = ", ".join(repr(mask(value, kind)) for value in list(column.counts)[:2])
    sampled = "" if export.sample.rows == column.rows else " of a sample"
    return (
        f"{describe_values(column)}{form}; {column.distinct:,} different in {filled:,} filled of {column.rows:,} "
        f"rows{sampled}, such as {examples}"
    )


def _meaning(match: HeaderMatch) -> str:
    sure = "" if match.strength >= 0.9 else ", with additional words"
    return f"{_SECTIONS[match.section].format(match.name)} ({match.origin}{sure})"


def _filled(proposal: Proposal, export: ExportProfile, name: str) -> str:
    """Return the filled shares of won, lost and open leads."""
    sampled = proposal.sampled
    if sampled is None or export is not proposal.leads:
        return ""
    groups = {"won": sampled.won, "lost": sampled.lost, "other": ~sampled.closed}
    values = export.values(name)
    shares = []
    for group, rows in groups.items():
        if rows.any():
            filled = sum(bool(value) for value, is_in in zip(values, rows, strict=True) if is_in)
            shares.append(f"{filled / rows.sum():.0%} of {int(rows.sum()):,} {group}")
    return ", ".join(shares) + " leads"


def _rivals(proposal: Proposal, export: ExportProfile, name: str) -> Iterator[str]:
    """Yield the other columns that could have the settings of a column, by their headers."""
    for use, _ in column_uses(proposal, export, name):
        section, _, setting = use.rpartition(".")
        vocabulary = {"leads": "fields", "leads.columns": "fields", "outcomes": "outcomes"}.get(section)
        if vocabulary is None:
            continue
        others = [column.name for column, _ in export.columns_for(vocabulary, setting) if column.name != name]
        if others:
            yield f"{setting} could also be {', '.join(map(repr, others[:_MOST]))}"
