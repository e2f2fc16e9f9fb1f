"""All groups of standard fields, in the order of their features."""

from __future__ import annotations

from features import campaign, clicks, email, form, initiative, message, timing
from features.base import Group

GROUPS: tuple[Group, ...] = (
    email.GROUP,
    message.GROUP,
    *campaign.GROUPS,
    clicks.GROUP,
    timing.GROUP,
    *form.GROUPS,
    *initiative.GROUPS,
)
