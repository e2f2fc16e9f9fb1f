"""Remedies that training, audit and promotion gate print.

Every constant is executed by `tests/training/test_remedies.py`, which checks that it helps.
"""

from __future__ import annotations

from collections.abc import Iterable

IGNORE = "[leads.features] ignore"
ALLOW = "[training] allow"
SET_CURRENCY = "set currency in the settings"
CORRECT_VALUES = "correct or remove them in [outcomes]"
MATCH_IDS = (
    "set [outcomes] lead_id to the column with the ids of the leads, and key to the column of the leads that it meets; "
    "add a table that links the two as [[outcomes.joins]]; or raise [training] max_unmatched if the other rows are not "
    "from these leads"
)
COMPLETE_EXPORTS = "check that both exports cover the same time"
SAME_FORM = "export the ids of both tables in the same form"
REMOVE_REPEATED = "remove the repeated leads if they are the same"
READ_CELLS = "name another column; or set date_format, decimal or [leads] missing so that the values can be read"
ADD_AMOUNTS = "add the amounts to the export; until then these wins count without revenue"
NET_AMOUNTS = "check that these are credits, or export what each lead paid in all"
CHECK_LARGEST = "correct the amount where it is a slip; a real one of this size decides all values"
NO_CHECKBOX = "remove won from [outcomes] if the date alone shows which leads were won"
ADD_COLUMNS = "add columns that are known at submit and differ between won and lost leads"
DATE_WINS = "give the dates of the wins ([outcomes] won_at)"
NOT_BEFORE = "leave out older leads by [training] not_before"
LATEST_WINS = "check that the latest wins are in the export"
EXPORT_OPEN = "export all leads, open ones too: without them the win probability of new leads is too high"
WIN_DATES = (
    "check that [outcomes] won_at is the day of the win and submitted_at that of the form; leave out people who were "
    "customers before"
)
CORRECT_DATES = "correct these dates where they are slips"
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
