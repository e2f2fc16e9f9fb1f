"""All groups of standard fields, in the order of their features."""

from __future__ import annotations

from features import campaign, clicks, company, email, form, initiative, message, name, phone, profile, timing
from features.base import Group

GROUPS: tuple[Group, ...] = (
    email.GROUP,
    phone.GROUP,
    name.GROUP,
    company.GROUP,
    *profile.GROUPS,
    message.GROUP,
    *campaign.GROUPS,
    clicks.GROUP,
    timing.GROUP,
    *form.GROUPS,
    *initiative.GROUPS,
)
