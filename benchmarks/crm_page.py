"""Section of docs/reference/figures.md on the CRM connectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from leadworth.crm_catalog import crms

Row = Callable[[str, str, str, bool], str]
PHASES = {
    "first": "first synchronisation",
    "second": "second one, nothing changed",
    "night": "night, 2 % of the leads and deals changed",
    "write back": "scores of all leads written",
    "after writes": "synchronisation after all scores were written",
}
MOST = 1.2


def connectors(result: Mapping[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section."""
    yield """## CRM connectors: `python -m benchmarks.run crm`

Each CRM's local peer in a process of its own; three deals for ten leads, with their histories and companies. The least
requests are those with every page full (`benchmarks/crm_least.py`). The time is that of both processes on a machine
with other work; the peers of Dynamics 365, Salesforce and Zoho look through all their records for a page. Memory is the
peak of the synchronising process above its imports. Odoo has no largest page; ours has 500 rows. Pipedrive and Zoho
give the stages of a deal one deal a request, and only closed deals are asked for; Pipedrive takes one record a write,
of which at most 5,000 were made. Scores of converted leads (three of ten here) go to their deals in Salesforce, Zoho
and Pipedrive. The synchronisation after all scores were written is no usual night: every lead that we wrote is read
again, but nothing that is joined to it.

| CRM | leads | what | rows | rows a second | requests | least possible |
|---|---|---|---|---|---|---|"""
    for name, figures in result.items():
        for run in figures["runs"]:
            for phase, what in PHASES.items():
                if (item := run["phases"].get(phase)) is None:
                    continue
                rows = item["rows"].get("read", item["rows"]["written"])
                speed = f"{rows / item['seconds']:,.0f}" if rows else ""
                least = f"{item['least']:,}" if item["least"] else ""
                title = crms()[name].title
                yield f"| {title} | {run['leads']:,} | {what} | {rows:,} | {speed} | {item['requests']:,} | {least} |"
    yield targets
    for name, figures in result.items():
        title, (small, large) = crms()[name].title, figures["runs"]
        for run, phase in ((large, "first"), (large, "night"), (large, "write back"), (small, "after writes")):
            item = run["phases"][phase]
            if item["least"]:
                ratio = item["requests"] / item["least"]
                what = f"{title}: requests, {PHASES[phase]}, of the least"
                yield row(what, f"at most {MOST}", f"{ratio:.2f}", ratio <= MOST)
        again = large["phases"]["second"]["rows"]["written"] + large["phases"]["write back again"]["rows"]["written"]
        yield row(f"{title}: rows and scores written by a second run", "0", str(again), again == 0)
        changed = small["phases"]["after writes"]["rows"]["changed"]
        yield row(f"{title}: new versions of leads because of our own writes", "0", str(changed), changed == 0)
        peaks = [run["peak_mib"] for run in (small, large)]
        what = f"{title}: peak memory, {large['leads']:,} leads against {small['leads']:,}"
        yield row(what, "at most + 50 %", f"{peaks[1]} MiB against {peaks[0]}", peaks[1] <= 1.5 * peaks[0])
    yield ""
