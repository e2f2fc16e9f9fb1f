"""Remedies that training, audit and promotion gate print.

Every constant is executed by `tests/training/test_remedies.py`, which checks that it helps.
"""

from __future__ import annotations

from collections.abc import Iterable

IGNORE = "[leads.features] ignore"
ALLOW = "[training] allow"
SET_CURRENCY = "set currency in the settings"
CORRECT_WON_STAGES = "correct won_stages"
ADD_COLUMNS = "add columns that are known at submit and differ between won and lost leads"
DATE_WINS = "give the dates of the wins ([outcomes] won_at)"
NOT_BEFORE = "leave out older leads by [training] not_before"
LATEST_WINS = "check that the latest wins are in the export"
AS_OF = "give --as-of with the day of the export"


def ignore_or_allow(columns: Iterable[str]) -> str:
    """Return the remedy for columns that contain the outcome.

    Examples
    --------
    >>> ignore_or_allow(["Tags"])
    'add "Tags" to [leads.features] ignore, or to [training] allow if its values are known at submit'
    >>> ignore_or_allow(["Tags", "Call result"])
    'add "Tags", "Call result" to [leads.features] ignore, or to [training] allow if their values are known at submit'
    """
    names = [f'"{column}"' for column in columns]
    whose = "its" if len(names) == 1 else "their"
    return f"add {', '.join(names)} to {IGNORE}, or to {ALLOW} if {whose} values are known at submit"
