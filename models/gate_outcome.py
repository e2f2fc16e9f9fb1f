"""Outcome of the promotion gate, as tags of a registered version, and why no version is champion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

GATE = "gate"
GATE_LINES = "gate_lines"
GATE_CHAMPION = "gate_champion"
PASSED = "passed"
FAILED = "failed"
FAIL_MARK = "FAIL"
"""First word of the line of a rule that failed."""

_MOST_RULES = 3


def failed_rules(tags: Mapping[str, str]) -> list[str]:
    r"""Return the sentences of the rules that a version did not pass.

    Examples
    --------
    >>> failed_rules({GATE_LINES: "pass  the level is right\nFAIL  there is no ranking"})
    ['there is no ranking']
    """
    lines = tags.get(GATE_LINES, "").splitlines()
    return [line.removeprefix(FAIL_MARK).strip() for line in lines if line.startswith(FAIL_MARK)]


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
    >>> tags = {GATE: FAILED, GATE_LINES: "FAIL  every lead has the same win probability: add columns"}
    >>> given, do = why_no_champion("leadworth", "3", datetime(2026, 11, 1), tags)
    >>> print(given)
    no model is in use: version 3 of leadworth, trained on 2026-11-01, did not pass the promotion gate: every lead has \
the same win probability: add columns
    >>> print(do)
    do what the rule advises and train again; or, to use this version all the same, \
`leadworth models promote 3 --force --reason "..."`
    """
    given = f"no model is in use: version {version} of {model}, trained on {registered_at:%Y-%m-%d}, "
    force = f'`leadworth models promote {version} --force --reason "..."`'
    if tags.get(GATE) == FAILED:
        failed = failed_rules(tags)
        reasons = "; ".join(failed[:_MOST_RULES]) or "see `leadworth models show " + version + "`"
        more = f"; and {len(failed) - _MOST_RULES} more rules" if len(failed) > _MOST_RULES else ""
        rules = "rule advises" if len(failed) == 1 else "rules advise"
        return (
            f"{given}did not pass the promotion gate: {reasons}{more}",
            f"do what the {rules} and train again; or, to use this version all the same, {force}",
        )
    if tags.get(GATE) == PASSED:
        return f"{given}is not promoted", f"`leadworth models promote {version}`"
    return f"{given}was not evaluated by the promotion gate", f"train again, or {force}"
