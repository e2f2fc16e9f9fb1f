"""Outcome of the promotion gate, as tags of a registered version, and why no version is champion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

GATE = "gate"
GATE_LINES = "gate_lines"
GATE_REMEDIES = "gate_remedies"
GATE_CHAMPION = "gate_champion"
PASSED = "passed"
FAILED = "failed"
FAIL_MARK = "FAIL"
"""First word of the line of a rule that failed."""

_MOST_RULES = 3


def finding(line: str) -> str:
    """Return what a rule found, without the numbers: its text up to a colon that is not in parentheses.

    Examples
    --------
    >>> finding("the level is wrong: 2.1 [1.8, 2.5]; leave out older leads")
    'the level is wrong'
    >>> finding("phone is missing in 100% of the leads (training: 18%)")
    'phone is missing in 100% of the leads (training: 18%)'
    """
    end = line.find(": ")
    while end >= 0 and line.count("(", 0, end) > line.count(")", 0, end):
        end = line.find(": ", end + 1)
    return line if end < 0 else line[:end]


def failed_rules(tags: Mapping[str, str]) -> list[str]:
    r"""Return what the rules that a version did not pass found, without the numbers.

    Examples
    --------
    >>> failed_rules({GATE_LINES: "pass  the level is right: 1.0\nFAIL  there is no ranking: AUC 0.5; add columns"})
    ['there is no ranking']
    """
    lines = tags.get(GATE_LINES, "").splitlines()
    return [finding(line.removeprefix(FAIL_MARK).strip()) for line in lines if line.startswith(FAIL_MARK)]


def why_no_champion(model: str, version: str, registered_at: datetime, tags: Mapping[str, str]) -> tuple[str, str]:
    """Return why no version is champion, and what to do.

    Parameters
    ----------
    model
        Name of the registered model.
    version, registered_at, tags
        The newest version.

    Examples
    --------
    >>> tags = {GATE: FAILED, GATE_LINES: "FAIL  no ranking: AUC 0.5", GATE_REMEDIES: "add columns"}
    >>> given, do = why_no_champion("leadworth", "3", datetime(2026, 11, 1), tags)
    >>> print(given)
    no model is in use: version 3 of leadworth, trained on 2026-11-01, did not pass the promotion gate: no ranking
    >>> print(do)
    add columns, and train again; or, to use it all the same, `leadworth models promote 3 --force --reason "..."`
    """
    given = f"no model is in use: version {version} of {model}, trained on {registered_at:%Y-%m-%d}, "
    force = f'`leadworth models promote {version} --force --reason "..."`'
    if tags.get(GATE) == FAILED:
        failed = failed_rules(tags)
        more = f"; and {len(failed) - _MOST_RULES} more" if len(failed) > _MOST_RULES else ""
        remedies = tags.get(GATE_REMEDIES, "").splitlines()
        do = "; ".join(remedies) or f"see the rules with `leadworth models show {version}`"
        return (
            f"{given}did not pass the promotion gate: {'; '.join(failed[:_MOST_RULES])}{more}",
            f"{do}, and train again; or, to use it all the same, {force}",
        )
    if tags.get(GATE) == PASSED:
        return f"{given}is not promoted", f"`leadworth models promote {version}`"
    return f"{given}was not evaluated by the promotion gate", f"train again, or {force}"
