"""Store what was pulled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from leadworth.encryption import IdentifierCipher
from reporting.imports.store_import import store_import
from reporting.pulls.report_source import FetchedDays
from store.click_campaigns import store_clicks
from store.store_errors import store_errors

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.settings import Settings


@dataclass
class PullStore:
    """Stores whole days, and the campaigns of clicks.

    Attributes
    ----------
    engine
        Of the migrated store.
    settings
        Application settings: currency, rates, channels, secret of the digests.
    now
        Time of the pull, timezone-aware.
    replace_source
        Replace also days that a file wrote.
    notices
        Sentences for the user, such as that a currency has no rate.
    """

    engine: Engine
    settings: Settings
    now: datetime
    replace_source: bool = False
    notices: list[str] = field(default_factory=list)

    def store(self, fetched: FetchedDays) -> None:
        """Replace the days of a range.

        Raises
        ------
        InputError
            Where a file is the source of these days.
        StoreError
            Where the database does not answer.
        """
        batch = fetched.batch
        receipt = store_import(self.engine, self.settings, batch, now=self.now, replace_source=self.replace_source)
        self.notices += [notice for notice in receipt.notices if notice not in self.notices]
        if fetched.clicks:
            cipher = IdentifierCipher.from_settings(self.settings)
            rows = [
                {
                    "click": cipher.click_digest(click.click_id),
                    "platform": batch.platform,
                    "account_id": receipt.account_id,
                    "campaign_id": click.campaign_id,
                    "day": click.day.isoformat(),
                }
                for click in fetched.clicks
            ]
            with store_errors(), self.engine.begin() as connection:
                store_clicks(connection, rows)
