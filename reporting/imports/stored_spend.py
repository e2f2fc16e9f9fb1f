"""Compare imported spend with what is stored: the same campaigns in another account, and what the import removes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from leadworth.campaign_keys import BY_NAME
from leadworth.errors import InputError
from reporting.facts.money_conversion import MICROS
from store import spend_days

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reporting.imports.import_rows import ImportBatch
    from reporting.imports.stored_rows import Stored
    from store.spend_days import CampaignCost

FEWEST_BY_NAME = 3
"""Equal costs of campaigns without ids that show that they are the same ones."""
SMALL_SHARE = 0.01
"""Share of the stored cost up to which what an import removes is not worth a notice."""


def require_one_account(
    connection: Connection, batch: ImportBatch, rows: Sequence[Stored], stored: Sequence[CampaignCost], replace: bool
) -> None:
    """Check that the campaigns of a batch are not stored for another account, where they would count twice.

    They are the same where at least half of the costs by campaign and day are equal.

    Parameters
    ----------
    rows, stored
        Rows of the batch; what is stored for its platform and days.
    replace
        Delete the campaigns from the other account instead.

    Raises
    ------
    InputError
        If they are.
    """
    costs = _costs(rows)
    same: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for cost in stored:
        key = cost.campaign_id, cost.day
        if cost.account_id != batch.account_id and costs.get(key) == cost.cost_micros:
            same[cost.account_id].add(key)
    for account, keys in sorted(same.items()):
        by_id = any(not campaign.startswith(BY_NAME) for campaign, _ in keys)
        if 2 * len(keys) < len(costs) or (not by_id and len(keys) < FEWEST_BY_NAME):
            continue
        if not replace:
            raise InputError(
                f"the campaigns of account {batch.account_id!r} of {batch.platform} are stored for account {account!r} "
                f"already, with the same cost on {len({day for _, day in keys}):,} days from {batch.first_day} to "
                f"{batch.last_day}",
                allowed="one account for a campaign; its cost would count twice",
                do=f"import with --account {account}, or with --replace-source to take them out of {account!r}",
            )
        days = batch.first_day, batch.last_day
        spend_days.delete_campaigns(connection, batch.platform, account, *days, {campaign for campaign, _ in keys})


def removed_notices(batch: ImportBatch, rows: Sequence[Stored], stored: Iterable[CampaignCost]) -> Iterator[str]:
    """Yield a sentence if campaigns or days that cost money are stored for the account and are not among the rows."""
    own = [cost for cost in stored if cost.account_id == batch.account_id]
    present = {(row["campaign_id"], row["day"]) for row in rows}
    removed = [cost for cost in own if (cost.campaign_id, cost.day) not in present]
    micros = sum(abs(cost.cost_micros) for cost in removed)
    if micros > SMALL_SHARE * sum(abs(cost.cost_micros) for cost in own):
        campaigns, days = ({cost[position] for cost in removed} for position in (1, 2))
        yield (
            f"{Decimal(micros) / MICROS:,.2f} that was stored from {batch.first_day} to {batch.last_day} is not in the "
            f"new rows and was removed ({len(campaigns):,} campaigns, {len(days):,} days); if these are filtered, or a "
            "day is mistyped, correct it and import all campaigns of the account for these days"
        )


def _costs(rows: Iterable[Stored]) -> dict[tuple[str, str], int]:
    """Return (campaign, day) -> cost, without what cost nothing."""
    costs: Counter[tuple[str, str]] = Counter()
    for row in rows:
        costs[row["campaign_id"], row["day"]] += row["cost_micros"]
    return {key: micros for key, micros in costs.items() if micros}
