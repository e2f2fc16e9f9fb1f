"""Section of docs/reference/figures.md on junk and bots, from the results of `bots`, `features` and `names`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Row = Callable[[str, str, str, bool], str]
Figures = dict[str, Any]

RECALLS = {"A1-A3, A6-A8": 0.95, "A9": 0.90, "A11": 0.60, "A12": 0.45}


def bots(figures: Figures, features: Figures, names: Figures, head: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section; `head` is the head of a table of targets, `row` formats a row."""
    seeds = ", ".join(map(str, figures["seeds"]))
    yield f"""## Junk and bots: `python -m benchmarks.run bots`

Simulated CRMs of {figures["leads"]:,} leads, seeds {seeds} (tuned on 101 to 103). Trained on the first 70 % by time,
with the labels known then; evaluated on the rest. Recall at the threshold that 0.5 % of the genuine later leads exceed,
unless stated otherwise; in brackets the lowest and the highest seed. The attacks are simulated; real ones will differ.
"""
    yield head
    yield from _recalls(figures, row)
    yield from _people(figures, names, row)
    yield from _floods(figures, row)
    yield from _costs(features, row)
    yield from _promise(figures)
    yield from _kinds(figures)
    yield from _recipes(figures)
    yield from _details(figures, features["history"])


def _recalls(figures: Figures, row: Row) -> Iterator[str]:
    bars = [("recall of all junk", figures["recall"], 0.88)]
    bars += [(f"recall of {code}", figures["by_attack"][code], bar) for code, bar in RECALLS.items()]
    bars += [("attacks left out of training, each in turn, mean", figures["unseen_mean"], 0.80)]
    bars += [("recall without any junk label", figures["no_labels"], 0.75)]
    for name, spread, bar in bars:
        yield row(name, f"at least {bar:.2f}", _between(spread), spread["mean"] >= bar)
    for alpha, spread in figures["promises"].items():
        measured = f"{spread['broken']:.1%} (empirical quantile {spread['empirical_quantile']:.0%})"
        yield row(
            f"guarantee of {alpha} violated, of 400 resamples",
            "at most 5 % (+ 1.5)",
            measured,
            spread["broken"] <= 0.065,
        )


def _people(figures: Figures, names: Figures, row: Row) -> Iterator[str]:
    kind, spread = max(figures["people"].items(), key=lambda item: item[1]["people"]["share"])
    spreads = spread["people"]
    measured = f"{kind} {spreads['share']:.1%} [{spreads['low']:.1%}, {spreads['high']:.1%}]"
    yield row("unusual people: the kind with most false positives", "at most 1 %", measured, spreads["share"] <= 0.01)
    country, rate = next(iter(names["countries"].items()))
    measured = f"{country} {rate['share']:.1%} of {rate['names']:,} names"
    yield row(
        "names: the country with most false positives, at 0.5 % of all",
        "at most 1.5 %",
        measured,
        rate["share"] <= 0.015,
    )
    ways = figures["recipes"]
    best = max(spread["0.1%"]["mean"] for way, spread in ways.items() if way != "three states")
    ahead = ways["three states"]["0.1%"]["mean"] - best
    yield row("three states ahead of other recipes at 0.1 %", "at least 0.15", f"{ahead:+.3f}", ahead >= 0.15)


def _floods(figures: Figures, row: Row) -> Iterator[str]:
    flood = figures["flood"]
    alarms = figures["alarms"]
    yield row("1,000 bots: MQL", "at most 3 %", _between(flood["mql"], ".1%"), flood["mql"]["mean"] <= 0.03)
    value = flood["value_of_normal"]
    yield row("1,000 bots: value, of 1,000 normal leads'", "at most 10 %", _between(value, ".1%"), value["mean"] <= 0.1)
    same = flood["same_alone_and_mixed"]["low"] == 1.0
    yield row("their scores alone and in the mix", "identical", "identical" if same else "different", same)
    within, median, late = (alarms[name] for name in ("within_150", "delay_median", "delay_p99"))
    measured = f"{within:.1%} (median {median:.0f} leads, 99 % within {late:.0f})"
    yield row("5 % -> 45 % of bots: alarm within 150 leads", "all", measured, within >= 0.995)
    false = alarms["most_false_alarms_a_channel_year"]
    yield row("false alarms a channel-year, the worst of 12 kinds", "at most 1", f"{false:.2f}", false <= 1)


def _costs(features: Figures, row: Row) -> Iterator[str]:
    cost = features["evidence_p50_us"]
    size = features["evidence_mib"]
    yield row("junk features of one lead, p50", "at most 150 us", f"{cost:.0f} us", cost <= 150)
    yield row("memory of the features above the interpreter", "under 120 MiB", f"{size:.0f} MiB", size < 120)


def _promise(figures: Figures) -> Iterator[str]:
    promise = figures["promise"]
    lost, people = (promise[name]["mean"] for name in ("buyers_lost", "false_positives"))
    rejected = [promise[f"rejected_{name}"]["mean"] for name in ("junk", "people", "buyers")]
    yield f"""
At the threshold of the bundle (guarantee of 0.5 %): recall {_between(promise["recall"])}; above it are {lost:.2%} of
the later buyers and {people:.2%} of all genuine later leads; calibrated on
{promise["buyers"]["mean"]:,.0f} engaged leads. Rejected are those with sufficient signs: {rejected[0]:.1%} of the junk,
{rejected[1]:.2%} of the genuine leads and {rejected[2]:.2%} of the buyers. The others are reviewed.
"""


KINDS = {
    "people": "above the threshold at 0.5 % of all",
    "people_refused": "junk probability from 50 % (review, no MQL)",
    "people_rejected": "rejected",
}
"""Measures of the false positives of one kind of people, and their titles."""


def _kinds(figures: Figures) -> Iterator[str]:
    """Yield the table of the false positives of each kind of unusual people, with 95 % intervals."""
    kinds = sorted(figures["people"].items(), key=lambda item: -item[1]["people"]["share"])
    ways = list(kinds[0][1])
    yield f"| unusual people | leads | {' | '.join(KINDS[way] for way in ways)} |"
    yield "|---|---|" + "---|" * len(ways)
    for kind, spread in kinds:
        cells = [
            f"{one['share']:.1%} [{max(one['low'], 0.0):.1%}, {one['high']:.1%}]"
            for one in (spread[way] for way in ways)
        ]
        yield f"| {kind.replace('_', ' ')} | {spread['people']['n']:,} | {' | '.join(cells)} |"
    yield ""


def _recipes(figures: Figures) -> Iterator[str]:
    yield "| recipe for labels | at 0.1 % | at 0.5 % | engagement biased: at 0.1 % | at 0.5 % |"
    yield "|---|---|---|---|---|"
    for way, spread in figures["recipes"].items():
        cells = [part[share]["mean"] for part in (spread, figures["biased"][way]) for share in ("0.1%", "0.5%")]
        yield f"| {way} | {' | '.join(f'{cell:.3f}' for cell in cells)} |"


def _details(figures: Figures, history: Figures) -> Iterator[str]:
    modes = ", ".join(f"{name} {value:.3f}" for name, value in figures["evidence"].items())
    auto = {name: spread["mean"] for name, spread in figures["automation"].items()}
    yield f"""
Evidence (seed {figures["seeds"][0]}): {modes}.
Automation: predicted for {auto["mean_said"]:.1%}, true for {auto["mean_true"]:.1%}; {auto["caught"]:.0%} of
the automated leads and {auto["people_called_automated"]:.2%} of the people are classified as automated.
Recall by attack: {_listed(figures["by_attack"])}.
Left out of training: {_listed(figures["unseen"])}.

Velocity counts of one lead: {history["memory_us"]:.0f} us in process; in Redis {_or(history.get("redis_us"))} us,
{_or(history.get("redis_in_pings"))} pings.
"""


def _listed(spreads: Figures) -> str:
    return ", ".join(f"{code} {spread['mean']:.2f}" for code, spread in spreads.items())


def _between(spread: dict[str, float], form: str = ".3f") -> str:
    return f"{spread['mean']:{form}} [{spread['low']:{form}}, {spread['high']:{form}}]"


def _or(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f}"
