"""Lines that say where sources differ: spend in our days and in the platform's total, records of the CRM, leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reporting.page.page_model import Message, Quantity, Unit
from reporting.views.channel_rows import MatchRates
from reporting.views.figure_texts import FigureMaker
from reporting.views.metric_inputs import MILLION
from reporting.views.page_states import SOURCES
from store.crm_runs import RecordCount


def reconciliation_lines(
    imports: Iterable[Mapping[str, Any]], counts: Iterable[RecordCount], rates: MatchRates, make: FigureMaker
) -> tuple[Message, ...]:
    """Return the lines that the reader may see.

    Parameters
    ----------
    imports
        Newest import of each source.
    counts
        Records that each CRM counted at its last comparison.
    rates
        Share of spend and leads that is matched with campaigns.
    make
        Maker of figures.
    """
    lines = []
    for row in imports:
        source = SOURCES.get(row["platform"], row["platform"])
        if row["rows_set_aside"]:
            values: dict[str, Quantity | str] = {
                "source": source,
                "count": Quantity(row["rows_set_aside"]),
                "total": Quantity(row["rows_read"]),
            }
            lines.append(Message("{source}: {count} of {total} rows could not be read", values))
        if row["source_total_micros"] is not None and make.reader.money and make.reader.costs:
            lines.append(_totals(row, source))
    lines += [_records(count) for count in counts]
    if rates.leads is not None:
        values = {"share": Quantity(rates.leads, Unit.SHARE)}
        lines.append(Message("{share} of the leads of channels with spend are matched with a campaign", values))
    return tuple(lines)


def _records(count: RecordCount) -> Message:
    values: dict[str, Quantity | str] = {
        "crm": count.crm.capitalize(),
        "object": count.object,
        "count": Quantity(count.there),
        "known": Quantity(count.here),
        "difference": Quantity(abs(count.there - count.here)),
    }
    if count.there == count.here:
        return Message("{crm}: {count} of {object} in the CRM, as many here", values)
    return Message("{crm}: {count} of {object} in the CRM, {known} here; {difference} not explained", values)


def _totals(row: Mapping[str, Any], source: str) -> Message:
    ours, theirs = (row["total_micros"] or 0) / MILLION, row["source_total_micros"] / MILLION
    values: dict[str, Quantity | str] = {
        "platform": source,
        "amount": Quantity(ours, Unit.MONEY, row["currency"]),
        "total": Quantity(theirs, Unit.MONEY, row["currency"]),
        "difference": Quantity(theirs - ours, Unit.MONEY, row["currency"]),
    }
    if ours == theirs:
        return Message("{platform}: {amount} in our days, the same in the platform's total", values)
    return Message(
        "{platform}: {amount} in our days, {total} in the platform's total; {difference} not explained", values
    )
