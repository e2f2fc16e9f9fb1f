"""Another `currency` in the settings: all money of the report is converted once, or the refresh stops."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from leadworth.errors import ConfigurationError
from leadworth.money import conversion_rate
from reporting.facts.money_conversion import rate_of
from store import report_refreshes
from store.long_transaction import long_transaction
from store.report_money import convert_money

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.settings import Settings
    from store.report_refreshes import ReportRefresh


def change_currency(engine: Engine, settings: Settings, *, dry_run: bool = False) -> bool:
    """Convert the money of the report into the currency of the settings; return whether it was in another one.

    Parameters
    ----------
    engine
        Migrated store.
    settings
        With `currency`, and the rates of `[currencies]` and `[report.rates]`.
    dry_run
        Look for the rate, and convert nothing.

    Raises
    ------
    ConfigurationError
        If the former currency has no rate.
    """
    with long_transaction(engine) as connection:
        last = report_refreshes.newest(connection)
        if last is None or not _is_other(last, settings):
            return False
        rate = conversion_rate(last.currency, settings, "the figures of the report")
        if not dry_run and report_refreshes.change_currency(connection, last.currency, settings.currency):
            convert_money(connection, last.currency, rate, lambda code, month: _spend_rate(settings, code, month))
        return True


def require_currency(connection: Connection, settings: Settings) -> None:
    """Check that the figures of the report are in the currency of the settings.

    Raises
    ------
    ConfigurationError
        If they are in another one.
    """
    last = report_refreshes.newest(connection)
    if last is not None and _is_other(last, settings):
        raise ConfigurationError(
            f"the figures of the report are in {last.currency}, and `currency` of the settings is {settings.currency}",
            allowed="the same currency",
            do="run `leadworth report build`, which converts them",
        )


def _is_other(last: ReportRefresh, settings: Settings) -> bool:
    return last.currency not in ("", settings.currency)


def _spend_rate(settings: Settings, currency: str, month: str) -> float | None:
    rate = rate_of(settings, currency, date.fromisoformat(f"{month}-01"))
    return None if rate is None else float(rate)
