"""All groups of standard fields, in the order of their features."""

from __future__ import annotations

from features import (
    campaign,
    clicks,
    collector,
    company,
    email,
    form,
    headers,
    initiative,
    message,
    name,
    network,
    phone,
    profile,
    recent,
    timing,
    token,
)
from features.base import Group

GROUPS: tuple[Group, ...] = (
    email.GROUP,
    phone.GROUP,
    name.GROUP,
    company.GROUP,
    *profile.GROUPS,
    message.GROUP,
    *campaign.GROUPS,
    *clicks.GROUPS,
    timing.GROUP,
    *form.GROUPS,
    *initiative.GROUPS,
    email.TYPO,
    collector.GROUP,
    token.GROUP,
    headers.GROUP,
    network.GROUP,
    *recent.GROUPS,
)
