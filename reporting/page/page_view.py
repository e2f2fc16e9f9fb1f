"""What the templates ask of a page: text in the reader's language, links, and charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from markupsafe import Markup

from leadworth.errors import LeadworthError
from reporting.page.charts import Stack, change_chart, cohort_chart, outcome_bar, progress_bar, row_bar, row_limit
from reporting.page.charts import sparkline as week_line
from reporting.page.languages import LANGUAGE_NAMES, Translator
from reporting.page.page_model import (
    ChannelRow,
    CohortBlock,
    Figure,
    FunnelStep,
    LadderRow,
    Level,
    Message,
    Quantity,
    ReportPage,
    RevenueChangeBlock,
    Unit,
)
from reporting.page.record_rows import TrackRecordRow

KINDS: Mapping[str, Message] = {
    "leading": Message("leading"),
    "lagging": Message("lagging"),
    "both": Message("leading and lagging"),
    "goal": Message("goal"),
}
MODELS: Mapping[str, Message] = {
    "first": Message("first touch"),
    "last": Message("last touch"),
    "linear": Message("linear"),
    "u": Message("U-shaped"),
    "w": Message("W-shaped"),
    "decay": Message("time decay"),
    "markov": Message("data-driven (Markov)"),
}
LEVELS: Mapping[Level, tuple[str, Message]] = {
    Level.INFO: ("ℹ\ufe0e", Message("Note")),
    Level.WARNING: ("⚠\ufe0e", Message("Warning")),
    Level.ALARM: ("▲", Message("Alarm")),
}
_MONTH_DAYS = 27


class PageView:
    """A page with the language, links and charts that its templates need.

    Parameters
    ----------
    page
        Content.
    standalone
        Whether the page is a file of its own: blocks are open, links are absolute, and there is no form.
    base_url
        Address of the page, to which links of a file lead; empty: a file has no links.
    """

    def __init__(self, page: ReportPage, *, standalone: bool, base_url: str) -> None:
        self.page, self.standalone, self.base_url = page, standalone, base_url
        self.translator = Translator(page.language, page.zone)
        self.numbers = self.translator.numbers
        self.kinds, self.models, self.levels = KINDS, MODELS, LEVELS

    def t(self, text: str, **values: Quantity | Message | str | date | datetime) -> str:
        """Return a sentence of a template; its text is a literal there, so that it can be extracted."""
        return self.translator.text(Message(text, values))

    def text(self, message: Message | str) -> str:
        """Return a sentence or name of the content."""
        return self.translator.text(message)

    def money(self, amount: float, currency: str | None = None) -> str:
        """Return an amount in full, in the currency of the page or another one."""
        return self.numbers.exact(self.amount(amount, currency))

    def amount(self, amount: float, currency: str | None = None) -> Quantity:
        """Return an amount in the currency of the page or another one."""
        return Quantity(amount, Unit.MONEY, currency or self.page.currency)

    def share(self, share: float) -> Quantity:
        """Return a share."""
        return Quantity(share, Unit.SHARE)

    def count(self, count: int) -> Quantity:
        """Return a count."""
        return Quantity(count)

    def days(self, days: int) -> Quantity:
        """Return a number of days."""
        return Quantity(days, Unit.DAYS)

    def exact(self, quantity: Quantity | None) -> str:
        """Return a number of a table; a withheld one is a dash."""
        return "–" if quantity is None else self.numbers.exact(quantity)

    def value(self, figure: Figure) -> str:
        """Return a figure; where it is withheld its range, or a dash."""
        if figure.quantity is not None:
            return self.numbers.compact(figure.quantity)
        return self.interval(figure) or "–"

    def interval(self, figure: Figure) -> str:
        """Return the interval of a figure, or an empty text."""
        bounds = figure.bounds()
        if bounds is None:
            return ""
        return self.t("{low} to {high}", low=bounds[0], high=bounds[1])

    def goal(self, figure: Figure) -> str:
        """Return the goal of a figure with the probability to reach it, or an empty text."""
        aim = figure.goal
        if aim is None:
            return ""
        text = self.t("Goal {target} for {period}", target=aim.target, period=aim.period)
        if aim.probability is None:
            return text
        return f"{text}: {self.t('{probability} likely', probability=self.share(aim.probability))}"

    def link(self, href: str | None) -> str | None:
        """Return an address as it is written: absolute in a file, None where there is none to lead to.

        Raises
        ------
        LeadworthError
            Where it is no address of the web, such as a script.
        """
        if href is None or (self.standalone and not self.base_url):
            return None
        if urlsplit(href).scheme not in ("", "http", "https"):
            raise LeadworthError(f"link {href[:40]!r}", allowed="relative, http or https", do="correct the address")
        return urljoin(self.base_url, href) if self.standalone else href

    def csv(self, block: str) -> str | None:
        """Return the address of a block as CSV, with the same filters; None on a shared page."""
        return None if self.page.is_shared else self.link(f"report/{block}.csv" + self._query())

    def json(self) -> str | None:
        """Return the address of the page as JSON, with the same filters."""
        return None if self.page.is_shared else self.link("report.json" + self._query())

    def _query(self) -> str:
        return f"?{self.page.query}" if self.page.query else ""

    def languages(self) -> Iterable[tuple[str, str, str | None]]:
        """Yield code, name and address of each language; the address of the page's own is None."""
        rest = [(name, value) for name, value in self._parameters() if name != "lang"]
        for code, name in LANGUAGE_NAMES.items():
            href = None if code == self.page.language else f"?{urlencode([*rest, ('lang', code)])}"
            yield code, name, href

    def hidden(self) -> list[tuple[str, str]]:
        """Return the parameters that no filter shows, and that a new choice must keep."""
        shown = {choice.name for choice in self.page.filters}
        return [(name, value) for name, value in self._parameters() if name not in shown]

    def _parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(self.page.query, keep_blank_values=True)

    def filter_values(self) -> str:
        """Return the filters with their values as one line, for print and files."""
        parts = []
        for choice in self.page.filters:
            if not choice.selected and not choice.choices:
                continue
            label = next((label for value, label in choice.choices if value == choice.selected), choice.selected)
            parts.append(f"{self.text(choice.title)}: {self.text(label)}")
        return " · ".join(parts)

    def channel_bars(self, rows: Iterable[ChannelRow]) -> list[tuple[ChannelRow, Markup]]:
        """Return each row with its bar, all on one axis."""
        rows = list(rows)
        drawn = [row.seen + row.predicted for row in rows if row.figure.quantity is not None]
        limit = row_limit(drawn, [row.figure.high for row in rows])
        return [(row, self._row_bar(row, limit)) for row in rows]

    def _row_bar(self, row: ChannelRow, limit: float) -> Markup:
        is_withheld = row.figure.quantity is None
        seen, predicted = (0.0, 0.0) if is_withheld else (row.seen, row.predicted)
        return row_bar(seen, predicted, row.figure.low, row.figure.high, limit)

    def parts_bar(self, seen: Quantity, predicted: Quantity) -> Markup:
        """Return the bar of a card with what is seen and predicted."""
        return row_bar(seen.value, predicted.value, None, None, max(seen.value + predicted.value, 1e-9))

    def sparkline(self, row: LadderRow) -> Markup:
        """Return the line of a row's weeks."""
        return week_line(row.points, partial=row.partial)

    def ladder_columns(self) -> tuple[bool, bool]:
        """Return whether any row of the ladder has a goal, and whether any has an owner."""
        rows = self.page.ladder
        return any(row.figure.goal for row in rows), any(row.owner for row in rows)

    def week_values(self, row: LadderRow) -> list[str]:
        """Return the weekly values of a row."""
        unit = row.figure.quantity.unit if row.figure.quantity else row.figure.unit or Unit.COUNT
        currency = row.figure.quantity.currency if row.figure.quantity else row.figure.currency
        return ["–" if value is None else self.numbers.compact(Quantity(value, unit, currency)) for value in row.points]

    def progress(self, figure: Figure) -> Markup:
        """Return the progress of a goal against the straight line of its period."""
        if figure.goal is None or figure.quantity is None:
            return Markup("")
        return progress_bar(figure.quantity.value, figure.goal.expected_now, figure.goal.target.value)

    def cohort_labels(self, block: CohortBlock) -> list[str]:
        """Return the name of each cohort: a month, or the first day of a week."""
        starts = [bar.start for bar in block.bars]
        weekly = any((later - sooner).days < _MONTH_DAYS for sooner, later in pairwise(starts))
        return [self.numbers.short_day(start) if weekly else self.numbers.month(start) for start in starts]

    def cohort_sentence(self, block: CohortBlock) -> str:
        """Return what the chart of cohorts says."""
        if not block.bars:
            return ""
        largest = max(range(len(block.bars)), key=lambda index: block.bars[index].seen + block.bars[index].predicted)
        bar = block.bars[largest]
        total = bar.seen + bar.predicted
        return self.t(
            "Most revenue comes from the leads of {cohort}: {amount}, of which {share} is seen.",
            cohort=self.cohort_labels(block)[largest],
            amount=self.amount(total, block.currency),
            share=self.share(bar.seen / total if total > 0 else 0.0),
        )

    def cohort_picture(self, block: CohortBlock) -> Markup:
        """Return the chart of cohorts."""
        starts = [bar.start for bar in block.bars]
        labels = self.cohort_labels(block)
        if labels and labels == [self.numbers.month(start) for start in starts]:
            labels = [self.numbers.month(start, year=False) for start in starts]
        stacks = [
            Stack(
                label,
                bar.seen,
                bar.predicted,
                bar.low,
                bar.high,
                self.numbers.compact(Quantity(bar.unknown)) if bar.unknown else "",
                bar.partial,
            )
            for label, bar in zip(labels, block.bars, strict=True)
        ]
        return cohort_chart(
            stacks,
            label=lambda value: self.numbers.compact(self.amount(value, block.currency)),
            title=self.t("Revenue of the leads, by the time they came"),
            sentence=self.cohort_sentence(block),
        )

    def change_picture(self, block: RevenueChangeBlock) -> Markup:
        """Return the chart of the change of revenue."""
        return change_chart(
            block.before,
            [(self.text(part.name), part.amount) for part in block.parts],
            block.after,
            (self.t("before"), self.t("now")),
            label=lambda value: self.numbers.compact(self.amount(value, block.currency)),
            title=self.t("Parts of the change of revenue"),
        )

    def signed(self, amount: float, currency: str) -> str:
        """Return an amount with its sign."""
        return self.numbers.signed(self.amount(amount, currency))

    def shortfall(self, step: FunnelStep) -> str:
        """Return whether a step of the funnel is behind, as a word with a sign."""
        if step.present is None:
            return ""
        return f"▼ {self.t('behind')}" if step.behind else self.t("on track")

    def months(self, row: TrackRecordRow) -> str:
        """Return the month of a row of the track record, or its first and last one."""
        first = self.numbers.month(row.cohort)
        return first if row.until is None else self.t("{low} to {high}", low=first, high=self.numbers.month(row.until))

    def outcome(self, row: TrackRecordRow) -> str:
        """Return how an outcome compares with what was predicted."""
        if not row.complete:
            return self.t("not complete yet")
        if row.low is None or row.high is None:
            return ""
        return (
            self.t("as predicted") if row.low <= row.came <= row.high else f"⚠\ufe0e {self.t('outside the interval')}"
        )

    def outcome_pictures(self, rows: Iterable[TrackRecordRow]) -> list[tuple[TrackRecordRow, Markup]]:
        """Return each row of the track record with its picture, all on one axis."""
        rows = list(rows)
        limit = max(row_limit([row.said for row in rows], [row.high for row in rows]), *(row.came for row in rows), 1.0)
        return [(row, outcome_bar(row.said, row.low, row.high, row.came, limit)) for row in rows]
