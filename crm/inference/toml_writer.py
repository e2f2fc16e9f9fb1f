"""Write a proposal as the text of leadworth.toml, with the reason of each inferred setting as a comment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from crm.inference.export_profile import ExportProfile
from crm.inference.proposal import Proposal


def render(proposal: Proposal, folder: Path) -> str:
    """Return the text of leadworth.toml.

    Parameters
    ----------
    proposal
        Proposed settings and findings.
    folder
        Folder of the file: paths are written relative to it.
    """
    warnings = [
        f"#   - {_comment(warning.problem)}\n#     -> {_comment(warning.remedy)}"
        for warning in proposal.findings.of_level("stop", "check")
    ]
    head = [
        "# Proposed by `leadworth init`. Check it, especially [leads.features] and [outcomes].",
        *(["#", "# Warnings:", *warnings] if warnings else []),
        "",
        f"currency = {quoted(proposal.currency)}          # ISO 4217 code of all money",
        f"timezone = {quoted(proposal.timezone)}          # of times in the files without an offset",
        "horizon_days = 365        # a win later than this after submit does not count",
        "",
        *_rates(proposal),
    ]
    parts = [*head, *_leads(proposal, folder), *_features(proposal), *_outcomes(proposal, folder), *_defaults()]
    return "\n".join(parts) + "\n"


def _rates(proposal: Proposal) -> list[str]:
    """Return the section of the rates that a person must set."""
    if not proposal.rates:
        return []
    lines = [f"# {quoted(code)} = 1.0          # {proposal.currency} for one {code}: set it" for code in proposal.rates]
    return ["[currencies]", *lines, ""]


def quoted(text: str) -> str:
    r"""Return a TOML basic string.

    Examples
    --------
    >>> print(quoted("Müller's\tfile"))
    "Müller's\tfile"
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _location(export: ExportProfile, folder: Path) -> list[str]:
    path = Path(os.path.relpath(export.sample.path.absolute(), folder.absolute()))
    lines = [f"path = {quoted(path.as_posix())}"]
    dialect = export.sample.dialect
    if dialect is not None:
        lines.append(f"delimiter = {quoted(dialect.delimiter)}")
        comment = "# " if dialect.guess.doubt else ""
        lines.append(f"{comment}encoding = {quoted(dialect.encoding)}")
    return lines


def _formats(proposal: Proposal, section: str) -> list[str]:
    comments = {"date_format": "strptime format", "decimal": "decimal mark of the numbers"}
    return [f"{name} = {quoted(text)}    # {comments[name]}" for name, text in proposal.formats[section].items()]


def _leads(proposal: Proposal, folder: Path) -> list[str]:
    lines = ["[leads]", *_location(proposal.leads, folder)]
    lines += _formats(proposal, "leads")
    lines.append(f"id = {quoted(proposal.id)}")
    if proposal.submitted_at:
        lines.append(f"submitted_at = {quoted(proposal.submitted_at)}")
    elif proposal.order_by:
        lines.append(f"order_by = {quoted(proposal.order_by)}    # order in time, because there is no date")
    lines.append(f"missing = {_array(proposal.missing)}    # tokens that mean missing")
    lines += ["", "[leads.columns]           # standard field = column of the file"]
    reasons = {item.setting: item.reason for item in proposal.findings.inferred}
    for name, column in proposal.fields.items():
        lines.append(f"{name} = {quoted(column)}    # {_comment(reasons.get(f'leads.columns.{name}', ''))}")
    return [*lines, ""]


def _features(proposal: Proposal) -> list[str]:
    lines = ["[leads.features]          # further columns; only those that are known at submit"]
    for name in ("numeric", "categorical", "text", "ignore"):
        lines += _column_list(name, getattr(proposal.features, name))
    return [*lines, 'rest = "ignore"           # "auto" adds every other column, by its values', ""]


def _column_list(name: str, columns: dict[str, str]) -> list[str]:
    if not columns:
        return [f"{name} = []"]
    body = [f"    {quoted(column)},    # {_comment(reason)}" for column, reason in columns.items()]
    return [f"{name} = [", *body, "]"]


def _outcomes(proposal: Proposal, folder: Path) -> list[str]:
    outcome = proposal.outcome
    lines = ["[outcomes]"]
    if not proposal.one_file:
        lines += _location(proposal.outcomes, folder)
    else:
        lines.append("# no path: the outcomes are in the file of the leads")
    lines += _formats(proposal, "outcomes")
    lines += _keys(proposal)
    reasons = {item.setting: item.reason for item in proposal.findings.inferred}
    for name, column in outcome.columns.items():
        lines.append(f"{name} = {quoted(column)}    # {_comment(reasons.get(f'outcomes.{name}', 'the same column'))}")
    for name, stages in (("won_stages", outcome.won_stages), ("lost_stages", outcome.lost_stages)):
        if stages:
            lines.append(f"{name} = {_array(stages)}")
    for name, status in (("junk", outcome.junk), ("engaged", outcome.engaged)):
        if status:
            lines.append(f"{name} = {{ column = {quoted(status[0])}, values = {_array(status[1])} }}")
    if not outcome.has_won:
        lines.append('# won = "..."              # the files do not show which leads were won: set the column')
    return [*lines, "", *_joins(proposal, folder)]


def _keys(proposal: Proposal) -> list[str]:
    """Return the columns that join the outcomes with the leads."""
    if proposal.path is None:
        return []
    lines = [f"lead_id = {quoted(proposal.path.lead_id)}"]
    if proposal.key:
        lines.append(f"key = {quoted(proposal.key)}    # column of the leads with the values of lead_id")
    if proposal.path.deal_id:
        lines.append(f"deal_id = {quoted(proposal.path.deal_id)}    # a deal of several leads counts once")
    return lines


def _joins(proposal: Proposal, folder: Path) -> list[str]:
    """Return the tables whose columns are added to the rows of outcomes."""
    lines: list[str] = []
    for join in proposal.path.joins if proposal.path else ():
        lines += ["[[outcomes.joins]]", *_location(join.export, folder)]
        lines += [f"column = {quoted(join.column)}", f"meets = {quoted(join.meets)}", ""]
    return lines


def _array(texts: Iterable[str]) -> str:
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def _defaults() -> list[str]:
    return [
        "[mql]                     # a lead is worth a touch if value x margin is above the cost of the touch",
        "margin = 0.4              # share of revenue that is profit: set your own",
        "touch_cost = 25.0         # cost of one sales touch, in the currency above: set your own",
        "",
        "[registry]",
        'uri = "sqlite:///mlflow.db"',
        'model = "leadworth"',
    ]
