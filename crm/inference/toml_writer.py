"""A proposal as the text of leadworth.toml, with a comment beside whatever was guessed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from crm.inference.proposal import Proposal


def render(proposal: Proposal, folder: Path) -> str:
    """Return the text of leadworth.toml.

    Parameters
    ----------
    proposal
        What it is to say.
    folder
        Where the file will lie: paths are written relative to it.
    """
    doubts = [f"#   - {_comment(doubt.what)}\n#     -> {_comment(doubt.settle)}" for doubt in proposal.findings.doubts]
    head = [
        "# Proposed by `leadworth init`. Check it, above all the lines below [leads.features] and [outcomes].",
        *(["#", "# In doubt:", *doubts] if doubts else []),
        "",
        f"currency = {quoted(proposal.currency)}          # ISO 4217 code of all money",
        f"timezone = {quoted(proposal.timezone)}          # of times in the files that carry no offset",
        "horizon_days = 365        # a win later than this after the submit does not count",
        "",
    ]
    parts = [*head, *_leads(proposal, folder), *_features(proposal), *_outcomes(proposal, folder), *_rest()]
    return "\n".join(parts) + "\n"


def quoted(text: str) -> str:
    r"""Return a TOML basic string.

    Examples
    --------
    >>> print(quoted("Müller's\tfile"))
    "Müller's\tfile"
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _source(proposal: Proposal, section: str, path: Path, folder: Path) -> list[str]:
    export = proposal.leads if section == "leads" else proposal.outcomes
    lines = [f"path = {quoted(Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix())}"]
    dialect = export.sample.dialect
    if dialect is not None:
        lines.append(f"delimiter = {quoted(dialect.delimiter)}")
        lines.append(f"encoding = {quoted(dialect.encoding)}")
    return lines


def _notations(proposal: Proposal, section: str) -> list[str]:
    comments = {"date_format": "as Python's strptime", "decimal": "decimal mark of the numbers"}
    return [f"{name} = {quoted(text)}    # {comments[name]}" for name, text in proposal.notations[section].items()]


def _leads(proposal: Proposal, folder: Path) -> list[str]:
    lines = ["[leads]", *_source(proposal, "leads", proposal.leads.sample.path, folder)]
    lines += _notations(proposal, "leads")
    lines.append(f"id = {quoted(proposal.id)}")
    if proposal.submitted_at:
        lines.append(f"submitted_at = {quoted(proposal.submitted_at)}")
    elif proposal.order_by:
        lines.append(
            f"order_by = {quoted(proposal.order_by)}    # no date was found: this stands for the order of time"
        )
    lines.append(f"missing = {_array(proposal.missing)}    # what means that nothing is known")
    lines += ["", "[leads.columns]           # standard field = column of the file"]
    whys = {found.setting: found.why for found in proposal.findings.found}
    for name, column in proposal.fields.items():
        lines.append(f"{name} = {quoted(column)}    # {_comment(whys.get(f'leads.columns.{name}', ''))}")
    return [*lines, ""]


def _features(proposal: Proposal) -> list[str]:
    lines = ["[leads.features]          # further columns; only what is known when the form is sent"]
    for name in ("numeric", "categorical", "text", "ignore"):
        lines += _column_list(name, getattr(proposal.features, name))
    return [*lines, 'rest = "ignore"           # "auto" takes every other column by what its values look like', ""]


def _column_list(name: str, columns: dict[str, str]) -> list[str]:
    if not columns:
        return [f"{name} = []"]
    body = [f"    {quoted(column)},    # {_comment(why)}" for column, why in columns.items()]
    return [f"{name} = [", *body, "]"]


def _outcomes(proposal: Proposal, folder: Path) -> list[str]:
    outcome = proposal.outcome
    lines = ["[outcomes]"]
    if proposal.outcomes is not proposal.leads:
        lines += _source(proposal, "outcomes", proposal.outcomes.sample.path, folder)
    else:
        lines.append("# no path: the outcome stands in the file of the leads")
    lines += _notations(proposal, "outcomes")
    if proposal.join:
        lines.append(f"lead_id = {quoted(proposal.join)}")
    whys = {found.setting: found.why for found in proposal.findings.found}
    for name, column in outcome.columns.items():
        lines.append(f"{name} = {quoted(column)}    # {_comment(whys.get(f'outcomes.{name}', 'the same column'))}")
    for name, stages in (("won_stages", outcome.won_stages), ("lost_stages", outcome.lost_stages)):
        if stages:
            lines.append(f"{name} = {_array(stages)}")
    for name, mark in (("junk", outcome.junk), ("engaged", outcome.engaged)):
        if mark:
            lines.append(f"{name} = {{ column = {quoted(mark[0])}, values = {_array(mark[1])} }}")
    if not outcome.says_won:
        lines.append('# won = "..."              # nothing in the files says which leads were won: name the column')
    return [*lines, ""]


def _array(texts: Iterable[str]) -> str:
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def _rest() -> list[str]:
    return [
        "[mql]                     # a lead is worth a touch if its value x margin is above what the touch costs",
        "margin = 0.4              # share of revenue that is profit: put your own",
        "touch_cost = 25.0         # what one sales touch costs, in the currency above: put your own",
        "",
        "[registry]",
        'uri = "sqlite:///mlflow.db"',
        'model = "leadworth"',
    ]
