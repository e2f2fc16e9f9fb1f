"""Report of `leadworth init`: one screen with what was read and what to check, and a Markdown file with all of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np

from crm.inference.column_explanation import explain_column
from crm.inference.column_profile import sort_keys
from crm.inference.export_profile import ExportProfile
from crm.inference.inference_findings import InferenceWarning
from crm.inference.outcome_columns import closed_rows
from crm.inference.proposal import Proposal
from leadworth.readers.money_reader import EITHER_MARK, read_money
from leadworth.settings import NO_CURRENCY

MOST_LINES = 34
"""Lines of the screen report, without the two that say what was written and what comes next."""
_LABEL = 11
_MOST_FILES = 5
_MOST_NAMES = 6
_LONGEST = 40


def screen_lines(proposal: Proposal, width: int, details: str) -> list[str]:
    """Return the screen report: at most `MOST_LINES` lines of at most `width` characters, without broken words.

    Parameters
    ----------
    proposal
        Proposed settings and findings.
    width
        Characters a line.
    details
        Name of the file with all findings.
    """
    lines = [line for text in _files(proposal) for line in wrap(text, width, "  ")]
    lines.append("")
    for label, text in _settings(proposal):
        lines += wrap(f"{label:<{_LABEL}}{text}", width, " " * _LABEL, most=2)
    doubts = proposal.findings.of_level("stop", "check")
    if doubts:
        lines += ["", "To check:"]
    for number, doubt in enumerate(doubts, start=1):
        part = _doubt(number, doubt, width)
        rest = len(doubts) - number + 1
        if len(lines) + len(part) > MOST_LINES - (rest > 1):
            lines.append(f"and {rest} more in {details}")
            break
        lines += part
    return lines


def wrap(text: str, width: int, indent: str = "", most: int | None = None) -> list[str]:
    """Return a text in lines that break between words; the last of `most` lines ends with "...".

    Examples
    --------
    >>> wrap("won        Deal Stage: 'Closed Won'", 24, "  ")
    ['won        Deal Stage:', "  'Closed Won'"]
    """
    lines = textwrap.wrap(
        "".join(char if char.isprintable() else " " for char in text),
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        max_lines=most,
        placeholder=" ...",
    )
    return lines or [""]


def _doubt(number: int, doubt: InferenceWarning, width: int) -> list[str]:
    problem = wrap(f"{number}. {doubt.problem}", width, "   ", most=3)
    return [*problem, *wrap(f"   -> {doubt.remedy}", width, "      ", most=3)]


def _files(proposal: Proposal) -> Iterator[str]:
    used = {id(proposal.leads): "leads"}
    order = [proposal.leads, *(export for export in proposal.exports if export is not proposal.leads)]
    if proposal.path:
        used |= {id(export): "joined" for export in proposal.path.files} | {id(proposal.path.outcomes): "outcomes"}
    for export in order[:_MOST_FILES]:
        role = used.get(id(export), "not used")
        if export is proposal.leads and proposal.one_file:
            role = "leads and outcomes"
        yield f"{export.name}: {role}; {describe_file(export)}"
    if len(proposal.exports) > _MOST_FILES:
        others = ", ".join(export.name for export in order[_MOST_FILES:])
        yield f"and {others}"


def describe_file(export: ExportProfile) -> str:
    """Return the size, the origin and the notation of a file."""
    dialect = export.sample.dialect
    parts = [f"{export.sample.rows:,} rows, {len(export.columns)} columns"]
    if export.crm:
        parts.append(f"probably {export.crm}")
    if dialect:
        delimiter = {"\t": "tab", ",": "comma", ";": "semicolon"}.get(dialect.delimiter, dialect.delimiter)
        parts.append(f"{dialect.encoding}, {delimiter}")
    else:
        parts.append(export.sample.format.capitalize())
    if export.sample.faults:
        parts.append(f"{export.sample.faults:,} lines are no rows of the table")
    return "; ".join(parts)


def _settings(proposal: Proposal) -> Iterator[tuple[str, str]]:
    yield "lead", _short(proposal.id)
    if proposal.submitted_at:
        yield "submitted", f"{_short(proposal.submitted_at)}{_times(proposal)}"
    else:
        yield "order", f"{_short(proposal.order_by or '')} (there is no date)"
    if proposal.path:
        link = proposal.path.link
        yield (
            "join",
            (
                f"{_short(link.left.name)} = {_short(link.right.name)} of {_short(link.right.export.name)} "
                f"({link.overlap:.0%} of its ids)"
            ),
        )
        for join in proposal.path.joins:
            yield "", f"{_short(join.column)} = {_short(join.meets)} of {join.export.name}"
    yield from _outcome(proposal)
    features = [*proposal.features.numeric, *proposal.features.categorical, *proposal.features.text]
    left_out = [item.column for item in proposal.findings.unused if item.file == proposal.leads.name]
    lists = {"fields": proposal.fields, "features": features, "left out": [*left_out, *proposal.features.ignore]}
    yield from ((label, _names(dict.fromkeys(names))) for label, names in lists.items() if names)


def _times(proposal: Proposal) -> str:
    """Return the first and the last submit date, and the time zone in which they are read."""
    name = str(proposal.submitted_at)
    column = proposal.leads.columns[name]
    keys = sort_keys(column, list(column.counts))
    keys = keys[np.isfinite(keys)]
    if not len(keys):
        return ""
    first, last = (datetime.fromtimestamp(key, UTC).date().isoformat() for key in (keys.min(), keys.max()))
    if column.dates is not None and column.dates.offset:
        return f", {first} to {last}"
    other = " (--timezone sets another)" if proposal.timezone == "UTC" else ""
    return f", {first} to {last}, read as {proposal.timezone}{other}"


def _outcome(proposal: Proposal) -> Iterator[tuple[str, str]]:
    outcome = proposal.outcome
    columns = outcome.columns
    won = closed_rows(proposal.outcomes, outcome, "won")
    lost = closed_rows(proposal.outcomes, outcome, "lost")
    sampled = "" if len(won) == proposal.outcomes.sample.rows else " (sample)"
    if not outcome.has_won:
        yield "won", "no column says which leads were won"
    elif outcome.won_stages:
        yield "won", f"{_short(columns['stage'])} = {_values(outcome.won_stages)}: {int(won.sum()):,} rows{sampled}"
    else:
        column = columns.get("won") or columns["won_at"]
        yield "won", f"{_short(column)}: {int(won.sum()):,} of {len(won):,} rows{sampled}"
    if lost.any():
        how = _values(outcome.lost_stages) if outcome.lost_stages else _short(columns.get("lost", "lost_at"))
        yield "lost", f"{how}: {int(lost.sum()):,} rows"
    if "stage" in columns:
        closed = {*outcome.won_stages, *outcome.lost_stages}
        counts = proposal.outcomes.columns[columns["stage"]].counts
        others = {stage: rows for stage, rows in counts.items() if stage not in closed}
        if others:
            yield "open", f"{_values(others)}: {sum(others.values()):,} rows"
    dates = list(dict.fromkeys(columns[name] for name in ("won_at", "lost_at", "stage_at") if name in columns))
    if dates:
        yield "date", ", ".join(map(_short, dates))
    if not outcome.has_won:
        return
    if "revenue" in columns:
        amounts = [_is_amount(value) for value in proposal.outcomes.values(columns["revenue"])]
        filled = sum(has for has, is_won in zip(amounts, won, strict=True) if is_won)
        money = "no currency shown: --currency sets it" if proposal.currency == NO_CURRENCY else proposal.currency
        yield "revenue", f"{_short(columns['revenue'])}: {filled:,} of {int(won.sum()):,} won rows; {money}"
    else:
        yield "revenue", "no column has it: leads are ranked by win probability alone"
    if outcome.junk:
        yield "junk", f"{_short(outcome.junk[0])} = {_values(outcome.junk[1])}"


def _is_amount(written: str) -> bool:
    amount = read_money(written)
    return amount is EITHER_MARK or (isinstance(amount, float) and amount >= 0)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 3] + "..."


def _values(values: Iterable[str]) -> str:
    names = [repr(_short(value)) for value in values]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _names(names: Iterable[str]) -> str:
    listed = [_short(name) for name in names]
    more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    return ", ".join(listed[:_MOST_NAMES]) + more


def markdown(proposal: Proposal) -> str:
    """Return all findings as Markdown: files, warnings, and each column with its use, the reason and the evidence."""
    lines = ["# What `leadworth init` read", ""]
    lines += [f"- {_plain(export.name)}: {describe_file(export)}" for export in proposal.exports]
    titles = {"stop": "What is missing", "check": "To check", "note": "Assumptions"}
    for level, title in titles.items():
        items = [item for item in proposal.findings.warnings if item.level == level]
        if items:
            lines += ["", f"## {title}", ""]
            lines += [f"- {_plain(item.problem)}: {_plain(item.remedy)}." for item in items]
    for export in proposal.exports:
        lines += ["", f"## Columns of {_plain(export.name)}", ""]
        for name in export.columns:
            lines.append(f"### {_plain(name)}")
            lines += ["", *(f"- {label}: {_plain(text)}" for label, text in explain_column(proposal, export, name)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _plain(text: str) -> str:
    """Return a text on one line, without Markdown markup."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return "".join(f"\\{char}" if char in "\\`*<>|#" else char for char in line)
