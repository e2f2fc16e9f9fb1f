"""Section of docs/reference/figures.md about the replays of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

MOST_VISIBLE, LEAST_PROBABILITY = 0.3, 0.9
MOST_DAYS, MOST_LEADS = 3, 150
LEAST_COST_SHARE, MOST_VALUE_SHARE = 1.6, 0.15
SEARCH, SOCIAL = "Paid Search", "Paid Social"
Row = Callable[[str, str, str, bool], str]
Run = Mapping[str, Any]


def replayed(results: Mapping[str, Sequence[Run]], targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section.

    Parameters
    ----------
    results
        Replay -> its runs, of `benchmarks.report_replays`.
    targets
        Head of a table of targets.
    row
        Returns a row of it from the figure, the target, what was measured, and whether it is met.
    """
    yield """## Replays of the report: `python -m benchmarks.run report_replays`

Each is a simulated business whose truth is known, by the commands of `leadworth report demo`. A target is met where it
is met with every seed; the seeds are in order.
"""
    yield targets
    for name, figures in _FIGURES.items():
        runs = results.get(name, ())
        for text, target, shown, is_met in figures if runs else ():
            values = ", ".join(shown(run) for run in runs)
            missed = [str(run["seed"]) for run in runs if not is_met(run)]
            seeds = f" (missed with seed {', '.join(missed)})" if missed else ""
            yield row(f"{name}: {text}", target, f"{values}{seeds}", not missed)
    yield ""
    yield from _values(results.get("cheap-lead", ()))


def _values(runs: Iterable[Run]) -> Iterator[str]:
    said = [run["value_said"] for run in runs]
    if said:
        texts = [f"{channel} {', '.join(_number(one[channel]) for one in said)}" for channel in (SEARCH, SOCIAL)]
        yield f"""cheap-lead, predicted over true value of the leads open at day 45, without the luck of their outcomes:
{"; ".join(texts)}.
The models are fitted to some 400 wins whose amounts have a standard deviation of twice their mean.
"""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _probability(run: Run) -> str:
    return f"{run['probability']:.0%}" if run["probability"] is not None else "not ranked"


def _order(run: Run) -> str:
    return f"{run['realised'][SEARCH]:.1f} and {run['realised'][SOCIAL]:.1f}"


def _delay(run: Run) -> str:
    return "none" if run["alarm_leads"] is None else f"{run['alarm_leads']} leads, {run['alarm_days']:.0f} days"


def _is_early(run: Run) -> bool:
    return run["alarm_leads"] is not None and (run["alarm_leads"] <= MOST_LEADS or run["alarm_days"] <= MOST_DAYS)


Figure = tuple[str, str, Callable[[Run], str], Callable[[Run], bool]]
_FIGURES: Mapping[str, Sequence[Figure]] = {
    "cheap-lead": (
        (
            "wins that are visible at day 45",
            "under 30 %",
            lambda run: f"{run['visible_wins']:.0%}",
            lambda run: run["visible_wins"] < MOST_VISIBLE,
        ),
        (
            "P(search returns more than social)",
            "over 90 %",
            _probability,
            lambda run: run["against"] == SOCIAL and (run["probability"] or 0.0) > LEAST_PROBABILITY,
        ),
        (
            "social is flagged, with the money moved",
            "yes",
            lambda run: f"{run['moved']:,.0f}" if run["flagged"] and run["moved"] else "no",
            lambda run: run["flagged"] and (run["moved"] or 0.0) > 0,
        ),
        (
            "returns at day 400, search and social",
            "search more",
            _order,
            lambda run: run["realised"][SEARCH] > run["realised"][SOCIAL],
        ),
    ),
    "bots": (
        ("alarm after the first bot", "150 leads or 3 days", _delay, _is_early),
        (
            "genuine over raw cost per lead",
            "at least 1.6",
            lambda run: _number(run["cost_share"]),
            lambda run: (run["cost_share"] or 0.0) >= LEAST_COST_SHARE,
        ),
        (
            "value of a bot, of a genuine lead's",
            "about 0",
            lambda run: _number(run["value_share"]),
            lambda run: (run["value_share"] or 0.0) < MOST_VALUE_SHARE,
        ),
        (
            "the alarm is on the page, with money",
            "Display",
            lambda run: ", ".join(run["shown"]) or "none",
            lambda run: "Display" in run["shown"] and (run["at_risk"] or 0.0) > 0,
        ),
    ),
    "no-crm": (
        (
            "says what is missing, and stops when it comes",
            "yes",
            lambda run: "yes" if run["missing_named"] and not run["missing_after"] else "no",
            lambda run: run["missing_named"] and not run["missing_after"],
        ),
        ("alarm from submits", "150 leads or 3 days", _delay, _is_early),
        (
            "money appears with the outcomes",
            "return and revenue",
            lambda run: " and ".join(run["money_after"]) or "no",
            lambda run: len(run["money_after"]) == 2 and not run["money_before"],
        ),
    ),
    "fair": (
        (
            "MQLs among 500 imported rows, all of them Offline",
            "0",
            lambda run: f"{run['mqls']}",
            lambda run: run["mqls"] == 0 and run["imported"] == 500 and run["channels"] == ["Offline"],
        ),
        (
            "cost per lead over that without the fair",
            "1.00",
            lambda run: _number(run["cost_said"]),
            lambda run: run["cost_said"] is not None and abs(run["cost_said"] - 1.0) < 0.05,
        ),
    ),
    "cold": (
        (
            "MQLs that wait, on the page",
            "as in the facts",
            lambda run: f"{run['waiting']:,.0f}" if run["waiting"] is not None else "none",
            lambda run: bool(run["waiting"]) and bool(run["at_risk"]),
        ),
        (
            "true value that the fifth with the highest prediction holds",
            "over 20 %",
            lambda run: f"{run['value_of_best_fifth']:.0%}" if run["value_of_best_fifth"] else "-",
            lambda run: (run["value_of_best_fifth"] or 0.0) > 0.2,
        ),
    ),
    "divergence": (
        (
            "the alarm names the step that broke",
            "landing page to form",
            lambda run: "yes" if run["named"] else "no",
            lambda run: run["named"],
        ),
    ),
}
