"""Blocks of the page as tables for CSV: names for machines, ISO dates, exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from leadworth.csv_cells import neutralise
from leadworth.errors import InputError
from reporting.metrics.metric import PERIOD_OF_PAGE
from reporting.page.page_model import ChannelRow, Figure, Message, Quantity, ReportPage
from reporting.views.plain_english import english

Cell = str | float | int | bool | date | None
BOM = "\ufeff"


class UnknownBlockError(InputError):
    """The page has no such block."""


@dataclass(frozen=True)
class BlockTable:
    """A table: names of the columns, and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def block_table(page: ReportPage, block: str) -> BlockTable:
    """Return a block as a table; one without content has no rows.

    Raises
    ------
    UnknownBlockError
        If there is no such block.
    """
    if block not in BLOCKS:
        raise UnknownBlockError("block has an unknown name", allowed=", ".join(BLOCKS))
    return BLOCKS[block](page)


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, excel: bool) -> Iterator[str]:
    r"""Yield the lines of a CSV file; the last one is a comment with the number of rows.

    Parameters
    ----------
    columns, rows
        Content.
    excel
        Semicolons and decimal commas, for spreadsheets of languages that write numbers so.

    Examples
    --------
    >>> for line in csv_lines(["name", "value"], [["=1+1", 2.5], ["a,b", None]], excel=True):
    ...     print(ascii(line))
    '\ufeffname;value\r\n'
    "'=1+1;2,5\r\n"
    'a,b;\r\n'
    '# rows: 2\r\n'
    """
    delimiter = ";" if excel else ","
    yield BOM + _line(columns, delimiter, excel)
    count = 0
    for row in rows:
        count += 1
        yield _line(row, delimiter, excel)
    yield f"# rows: {count}\r\n"


def _line(cells: Sequence[Cell], delimiter: str, excel: bool) -> str:
    return delimiter.join(_cell(cell, delimiter, excel) for cell in cells) + "\r\n"


def _cell(cell: Cell, delimiter: str, excel: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        text = repr(cell)
        text = text.replace(".", ",") if excel else text
    elif isinstance(cell, date):
        text = cell.isoformat()
    else:
        text = neutralise(cell.replace("\x00", ""))
    if any(sign in text for sign in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _value(quantity: Quantity | None) -> float | None:
    return None if quantity is None else quantity.value


def _in_currency(quantity: Quantity | None, page: ReportPage) -> float | None:
    """Return a value of a table whose columns have one currency; an amount in another one has no place in it."""
    if quantity is not None and quantity.currency not in (None, page.currency):
        return None
    return _value(quantity)


_FIGURE = ("metric", "title", "value", "unit", "currency", "low", "high", "change", "goal", "owner", "note")


def _figure(figure: Figure) -> tuple[Cell, ...]:
    quantity, goal = figure.quantity, figure.goal
    unit = quantity.unit if quantity is not None else figure.unit
    return (
        figure.metric,
        english(figure.title),
        _value(quantity),
        None if unit is None else str(unit),
        quantity.currency if quantity is not None else figure.currency,
        figure.low,
        figure.high,
        figure.change,
        None if goal is None else goal.target.value,
        None if goal is None else goal.owner,
        None if figure.note is None else english(figure.note),
    )


def _figures(figures: Iterable[Figure]) -> BlockTable:
    return BlockTable(_FIGURE, tuple(_figure(figure) for figure in figures))


def _alarms(page: ReportPage) -> BlockTable:
    rows = tuple(
        (
            alarm.kind,
            str(alarm.level),
            english(alarm.headline),
            english(alarm.detail),
            None if alarm.figure is None else _value(alarm.figure.quantity),
        )
        for alarm in page.alarms
    )
    return BlockTable(("kind", "level", "headline", "detail", "money"), rows)


def _channel_rows(page: ReportPage, rows: Sequence[ChannelRow]) -> BlockTable:
    columns = tuple(page.channels.column_titles)
    table = tuple(
        (
            row.name if isinstance(row.name, str) else english(row.name),
            row.figure.metric,
            _value(row.figure.quantity),
            row.figure.low,
            row.figure.high,
            row.seen if page.money or row.figure.metric == "return_on_marketing" else None,
            row.predicted if page.money or row.figure.metric == "return_on_marketing" else None,
            row.unknown,
            None if row.verdict is None else english(row.verdict),
            row.warning,
            *(_in_currency(row.columns.get(column), page) for column in columns),
        )
        for row in rows
    )
    first = ("name", "metric", "value", "low", "high", "seen", "predicted_part", "unknown", "verdict", "warning")
    return BlockTable((*first, *columns), table)


def _ladder(page: ReportPage) -> BlockTable:
    rows = tuple((*_figure(row.figure), row.kind, *row.points) for row in page.ladder)
    weeks = max((len(row.points) for row in page.ladder), default=0)
    return BlockTable((*_FIGURE, "kind", *(f"week_{number}" for number in range(1, weeks + 1))), rows)


def _cohorts(page: ReportPage) -> BlockTable:
    names = ("cohort", "seen", "predicted", "low", "high", "unknown", "partial")
    bars = page.cohorts.bars if page.cohorts is not None else ()
    return BlockTable(
        names,
        tuple((bar.start, bar.seen, bar.predicted, bar.low, bar.high, bar.unknown, bar.partial) for bar in bars),
    )


def _hand_over(page: ReportPage) -> BlockTable:
    block = page.hand_over
    return _figures(() if block is None else (*block.figures, *block.velocities))


def _revenue_change(page: ReportPage) -> BlockTable:
    block = page.revenue_change
    if block is None:
        return BlockTable(("channel", "volume", "rate", "value", "mix"), ())
    names = ("channel", *(english(part.name) for part in block.parts))
    rows: list[tuple[Cell, ...]] = [(channel, *(part.amount for part in parts)) for channel, parts in block.by_channel]
    return BlockTable(names, (*rows, ("all", *(part.amount for part in block.parts))))


def _goals(page: ReportPage) -> BlockTable:
    names = ("metric", "period", "owner", "value", "target", "expected_now", "probability")
    rows = tuple(
        (
            figure.metric,
            figure.goal.period,
            figure.goal.owner,
            _value(figure.quantity),
            figure.goal.target.value,
            figure.goal.expected_now,
            figure.goal.probability,
        )
        for figure in (page.goals.goals if page.goals is not None else ())
        if figure.goal is not None
    )
    return BlockTable(names, rows)


def _funnel(page: ReportPage) -> BlockTable:
    steps = page.goals.funnel if page.goals is not None else ()
    rows = tuple((english(step.name), step.needed.value, _value(step.present), step.behind) for step in steps)
    return BlockTable(("step", "needed", "present", "behind"), rows)


def _track_record(page: ReportPage) -> BlockTable:
    names = ("cohort", "until", "channel", "said", "low", "high", "came", "complete")
    rows = tuple(
        (row.cohort, row.until or row.cohort, row.channel or "", row.said, row.low, row.high, row.came, row.complete)
        for row in page.track_record
    )
    return BlockTable(names, rows)


def _attribution(page: ReportPage) -> BlockTable:
    models = tuple(page.attribution[0].amounts) if page.attribution else ()
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (row.channel, *(row.amounts[model] for model in models)) for row in page.attribution
    )
    return BlockTable(("channel", *models), rows)


def _formulas(page: ReportPage) -> BlockTable:
    rows = tuple(
        (
            *(one.metric, english(one.title), one.kind, english(one.formula)),
            *(english(one.period or PERIOD_OF_PAGE), ", ".join(one.sources)),
        )
        for one in page.formulas
    )
    return BlockTable(("metric", "title", "kind", "formula", "period", "sources"), rows)


def _lines(messages: Iterable[Message]) -> BlockTable:
    return BlockTable(("line",), tuple((english(message),) for message in messages))


BLOCKS: Mapping[str, Callable[[ReportPage], BlockTable]] = {
    "alarms": _alarms,
    "money": lambda page: _figures(card.figure for card in page.cards),
    "channels": lambda page: _channel_rows(page, page.channels.rows),
    "campaigns": lambda page: _channel_rows(page, page.channels.campaigns),
    "ladder": _ladder,
    "cohorts": _cohorts,
    "hand_over": _hand_over,
    "revenue_change": _revenue_change,
    "goals": _goals,
    "funnel": _funnel,
    "track_record": _track_record,
    "attribution": _attribution,
    "reconciliation": lambda page: _lines(page.reconciliation),
    "formulas": _formulas,
}
"""Name in the address -> table."""
