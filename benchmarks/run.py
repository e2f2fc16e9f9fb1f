"""Run the benchmarks, all or some: `python -m benchmarks.run [name ...]`; `make bench` runs all."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from benchmarks import figures_page
from leadworth.console import console
from leadworth.errors import ConfigurationError

BENCHMARKS = {
    "scoring": "one lead in process, against raw calls of the same models",
    "http_scoring": "one lead over HTTP, against the empty endpoint and MLflow's server",
    "overload": "the service under attack: overload, half-open connections, large headers and fields, a flood of forms",
    "features": "features of one lead and of a table",
    "files": "files of 100 thousand and 1 million leads: speed and memory",
    "peer_scoring": "files of 100 thousand and 1 million leads, against plain pandas with the same models",
    "training_scale": "training with 100 and 400 thousand leads: time, memory, and what samples change",
    "bots": "junk and bots: recall, guarantee, unseen attacks, unusual people, alarms",
    "alarms": "one look for junk alarms, by new leads",
    "exports": "exports: under faults and kills, throughput, sum of values",
    "crm": "CRM connectors: requests against the least possible, speed, memory",
    "report_page": "the report page with a million leads: cold, median, each kind of filter",
    "report_http": "the same page over HTTP and in process",
    "report_replays": "replays of the report, five seeds each: what the page says against the truth",
    "report_refresh": "the nightly refresh of the report with a million leads",
    "engines": "engines of `leadworth score`: CPU, time and memory, equal scores",
    "simulated": "probability and money against known truth, eleven kinds of simulated CRMs, by command",
    "demo_seeds": "demo and tutorial with 20 seeds and four export dates: gate, and values against the truth",
    "gate": "error rates of the promotion gate on worlds with known truth, seed 1",
    "public_data": "five public data sets, forward in time",
}


def main(names: Sequence[str] = ()) -> None:
    """Run the named benchmarks one after the other, then write docs/reference/figures.md.

    Raises
    ------
    ConfigurationError
        Where there is no benchmark with that name.
    """
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise ConfigurationError(f"no benchmark {', '.join(unknown)}", allowed=", ".join(BENCHMARKS))
    for name in names or BENCHMARKS:
        console.rule(f"{name}: {BENCHMARKS[name]}")
        importlib.import_module(f"benchmarks.{name}").main()
    figures_page.main()


if __name__ == "__main__":
    main(sys.argv[1:])
