"""Cost of the features: `python -m benchmarks.features` (or `make bench`).

One lead and 100,000 leads are timed in CPU seconds of this process, against one raw
`Booster.predict(num_threads=1)` call of 300 trees x 31 leaves on the same features. Read the ratios.
Every e-mail, phone, message and click id differs, so that no cache flatters the figures.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import random
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import redis

from features.groups import feature_groups
from features.lead_cells import fit_spec
from features.table_evaluation import READERS
from features.velocity_counter import VelocityCounter
from features.velocity_keys import keys_of
from leadworth.console import console
from leadworth.records import Lead, fields_of
from serving.velocity.durable_velocity import DurableVelocityStore
from serving.velocity.memory_velocity import MemoryVelocityStore
from serving.velocity.redis_velocity import RedisVelocityStore
from serving.velocity.velocity_store import VelocityStore
from store.decision_store import DecisionStore

RESULTS = Path(__file__).parent / "results" / "features.json"
ROWS = 100_000
SINGLE = 3_000
REPEATS = 5
REDIS = "redis://127.0.0.1:6379/9"

_FIRST = ("Ada", "Maria", "Jean", "Wolfgang", "Krzysztof", "Hyunwoo", "Francesco", "Ludwig", "Chloe", "Olga", "Tadesse")
_LAST = (
    "Rossi",
    "Müller",
    "Smith",
    "Dupont",
    "Szczepański",
    "Kim",
    "Garcia",
    "Ivanova",
    "McDonald",
    "Nguyen",
    "Bekele",
)
_COUNTRIES = (("Italy", "+39 3{:09}"), ("DE", "030 {:07}"), ("France", "+33 6{:08}"), ("US", "(212) 5{:06}"))
_TITLES = (
    "Head of Marketing",
    "CEO",
    "IT manager",
    "Junior buyer",
    "Geschäftsführer",
    "Assistant to the CFO",
    "welder",
)
_SENTENCE = (
    "we are looking for a tool that helps our team to plan the maintenance of machines in three plants and would like "
    "to know more about price and integration with our system please call me next week thanks"
)
_WORDS = _SENTENCE.split(" ")


def leads(rows: int, seed: int) -> list[dict[str, Any]]:
    """Return leads with every field filled in as a form would."""
    pool = random.Random(seed)
    return [_lead(pool, at) for at in range(rows)]


def _lead(pool: random.Random, at: int) -> dict[str, Any]:
    first = pool.choice(_FIRST)
    last = pool.choice(_LAST)
    country, phone = _COUNTRIES[at % len(_COUNTRIES)]
    company = f"{pool.choice(string.ascii_uppercase)}{'orneal'[at % 5 :]}{at % 7919}"
    size = int(phone[-2])
    return {
        "lead_id": str(at),
        "submitted_at": 1.76e9 + at * 311,
        "email": f"{first}.{last}{at}@{company}.com" if at % 2 else f"{first}{last}{at}@gmail.com",
        "first_name": first,
        "last_name": last,
        "phone": phone.format(pool.randrange(10 ** (size - 1), 10**size)),
        "country": country,
        "company": f"{company} GmbH",
        "website": f"https://www.{company}.com/",
        "job_title": pool.choice(_TITLES),
        "industry": f"industry {at % 12}",
        "message": " ".join(pool.choices(_WORDS, k=pool.randrange(10, 80))),
        "source": pool.choice(["google", "facebook", "linkedin"]),
        "medium": "cpc" if at % 3 else "email",
        "campaign": f"campaign {at % 40}",
        "term": f"term {at % 300}",
        "content": f"ad {at % 30}",
        "landing_page": f"https://acme.example/page-{at % 20}?utm_source=x&gclid={at}",
        "referrer": "https://www.google.com/" if at % 3 else "https://www.bing.com/",
        "gclid": "EAIaIQobChMI" + "".join(pool.choices(string.ascii_letters, k=40)) if at % 2 else None,
        "form_id": f"form {at % 5}",
        "entry": "form" if at % 9 else "chat",
        "user_agent": f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{100 + at % 50}.0.0.0 Safari/537.36",
        "accept_language": "it-IT,it;q=0.9,en;q=0.8" if at % 2 else "de-DE,de;q=0.9",
        "ip": f"203.0.{at % 256}.{at % 251}",
        "headers": "host,user-agent,accept,accept-encoding,accept-language,sec-fetch-site,sec-fetch-mode,sec-ch-ua",
        "token_state": "ok",
        "lw_data": _payload(pool),
        **{name: float(pool.randrange(50)) for name in fields_of("number")},
        **{name: pool.random() < 0.5 for name in (*fields_of("flag"), *fields_of("consent"))},
    }


def _payload(pool: random.Random) -> str:
    """Return a payload of the collector, as a person leaves it."""
    numbers = {name: pool.randrange(1, 900) for name in ("keys", "chars", "mv", "path", "ms", "first_ms", "gap")}
    rhythm = {name: round(pool.random(), 2) for name in ("ik_cv", "hold_cv", "straight", "turn", "cx", "cy")}
    flags = dict.fromkeys(("touch", "auto", "hp", "hp_focus", "hp_fill", "gl_soft", "lie_gl", "lie_brand", "lie_tz"), 0)
    more = {"ik_med": 150, "hold_med": 104, "bs": 3, "paste": 0, "fill": 0, "tabs": 2, "fields": 6, "nofocus": 0}
    said = {"kind": "click", "untrusted": 0, "scroll": 60, "vis": 1, "tz": "Europe/Rome", "lang": "it", "dwell": 80}
    return json.dumps({"v": 1, **numbers, **rhythm, **flags, **more, **said, "lie_ua": 0, "lie_screen": 0})


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the lead table of some leads."""
    made = pd.DataFrame({name: [read(row.get(name)) for row in rows] for name, read in READERS.items()})
    kept = made.dropna(axis="columns", how="all")
    floats = dict.fromkeys([*fields_of("number"), *fields_of("flag"), *fields_of("consent")], "float64")
    kinds = {name: floats.get(name, "str") for name in kept.columns if name != "submitted_at"}
    return kept.astype({**kinds, "submitted_at": "datetime64[us, UTC]"})


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def consume(calls: Iterable[object]) -> None:
    """Run an iterable to its end."""
    for _ in calls:
        pass


def measure() -> dict[str, Any]:
    """Return the costs in microseconds of CPU, and as ratios to one raw call."""
    import lightgbm

    history = table(leads(ROWS, seed=1))
    spec = fit_spec(history.iloc[:20_000], {})
    matrix = spec.matrix(history.iloc[:5_000])
    won = (np.random.default_rng(3).random(5_000) < 0.2).astype(float)
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 31, "min_data_in_leaf": 5, "num_threads": 1, "verbosity": -1},
        lightgbm.Dataset(matrix, won),
        num_boost_round=300,
    )
    raw = []
    one = []
    each = []
    for repeat in range(REPEATS):  # side by side, so that a busy machine slows all three
        unseen = [Lead(**row) for row in leads(SINGLE, seed=10 + repeat)]
        part = history.iloc[repeat * ROWS // REPEATS : (repeat + 1) * ROWS // REPEATS]
        raw.append(cpu(lambda: consume(booster.predict(row[None], num_threads=1) for row in matrix[:1_000])) / 1_000)
        one.append(cpu(partial(consume, map(spec.vector, unseen))) / SINGLE)
        each.append(cpu(partial(spec.matrix, part)) / len(part))
    return {
        "features": len(spec.names),
        "raw_call_us": median(raw) * 1e6,
        "one_lead_us": median(one) * 1e6,
        "one_lead_in_raw_calls": median(np.divide(one, raw)),
        "table_row_us": median(each) * 1e6,
        "table_row_in_raw_calls": median(np.divide(each, raw)),
        "evidence_p50_us": evidence(),
        "evidence_mib": memory(),
        "history": velocity_costs(),
        "groups_us": {
            group.name: cost for group in feature_groups() if (cost := _cost(group.compute, group.inputs)) >= 1
        },
    }


EVIDENCE = (
    "email",
    "email_typo",
    "phone",
    "name",
    "company",
    "message",
    "click",
    "click_time",
    "click_cookies",
    "collector",
    "token",
    "headers",
    "network",
    "form_seconds",
    "form_honeypot",
    "form_webdriver",
    "form_agent",
    "form_language",
)


def evidence() -> float:
    """Return the median wall microseconds of the junk features of one lead: features, keys and counts."""
    groups = [group for group in feature_groups() if group.name in EVIDENCE or group.name.startswith("recent_")]
    counter = VelocityCounter()
    spent = []
    for number, row in enumerate(leads(SINGLE, seed=77)):
        fields = Lead(**row).__dict__
        begun = time.perf_counter()
        counter.observe(keys_of(fields), 1_000_000 * number)
        for group in groups:
            group.compute(*[fields[name] for name in group.inputs])
        spent.append(time.perf_counter() - begun)
    return median(spent[SINGLE // 10 :]) * 1e6


def memory() -> float:
    """Return the memory of the features of 1,000 leads above the bare interpreter, in MiB."""
    rows = pickle.dumps([Lead(**row).__dict__ for row in leads(1_000, seed=79)])
    use = "for lead in leads:\n  for g in feature_groups(): g.compute(*[lead[name] for name in g.inputs])"
    return _rss(f"from features.groups import feature_groups\n{use}", rows) - _rss("", rows)


def _rss(code: str, rows: bytes) -> float:
    # Not ru_maxrss: a child starts with that of its parent.
    peak = "import re; print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    given = "import pickle, sys; leads = pickle.load(sys.stdin.buffer)"
    done = subprocess.run(
        [sys.executable, "-c", f"{given}\n{code}\n{peak}"], input=rows, capture_output=True, check=True
    )
    return float(done.stdout) / 1024


def velocity_costs() -> dict[str, float | None]:
    """Return the microseconds of counting one lead: in memory, with the log in SQLite, in Redis, the last in pings."""
    keys = [keys_of(Lead(**row).__dict__) for row in leads(SINGLE, seed=78)]

    async def run(velocity: VelocityStore) -> float:
        await velocity.start()
        for number, key in enumerate(keys[:300]):
            await velocity.observe(key, 1_000_000 * number, None)
        begun = time.perf_counter()
        for number, key in enumerate(keys[300:], start=300):
            await velocity.observe(key, 1_000_000 * number, number)
        spent = time.perf_counter() - begun
        await velocity.close()
        return spent / (SINGLE - 300) * 1e6

    with tempfile.TemporaryDirectory() as scratch:
        store = DecisionStore(f"sqlite:///{scratch}/store.db", spool=Path(scratch))
        store.start()
        result: dict[str, float | None] = {
            "memory_us": asyncio.run(run(MemoryVelocityStore())),
            "log_us": asyncio.run(run(DurableVelocityStore(store))),
            "redis_us": None,
        }
        try:
            client = redis.Redis.from_url(REDIS)
            begun = time.perf_counter()
            for _ in range(1_000):
                client.ping()
            ping = (time.perf_counter() - begun) * 1e3
        except redis.exceptions.ConnectionError:
            console.print(f"no Redis at {REDIS}: not measured")
        else:
            cost = asyncio.run(
                run(RedisVelocityStore(REDIS, DurableVelocityStore(store, counts_all=False), "benchmark"))
            )
            for key in client.scan_iter("benchmark:*"):
                client.delete(key)
            result |= {"redis_us": cost, "redis_in_pings": cost / ping}
        store.stop()
    return result


def _cost(compute: Callable[..., object], inputs: tuple[str, ...]) -> float:
    """Return the CPU microseconds of one call on leads not seen before."""
    arguments = [tuple(Lead(**row).__dict__[name] for name in inputs) for row in leads(SINGLE, seed=99)]
    return cpu(lambda: consume(compute(*values) for values in arguments)) / SINGLE * 1e6


def main() -> None:
    """Measure, print and write benchmarks/results/features.json."""
    figures = measure()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print_json(data=figures)


if __name__ == "__main__":
    main()
