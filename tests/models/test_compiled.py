"""Compiled loops: caching, thread safety and compilation on the first score."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from leadworth.compiled import NOTICE
from leadworth.records import Lead
from models.code_table import by_code, look_up
from models.combine_kernel import combine
from models.forest_kernel import evaluate
from models.junk_reasons import strongest_raising
from models.policy_kernel import decide
from models.reasons import strongest
from models.rule_kernel import CONDITION, RULE, apply_rules
from models.text_kernel import find, merge, write
from tests.make_bundle import make_bundle, make_leads

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
KERNELS = (evaluate, apply_rules, look_up, combine, decide, strongest, strongest_raising, find, merge, write)


def test_the_first_score_compiles_all_loops() -> None:
    bundle = make_bundle()
    bundle.score(Lead(), scored_at=NOW)
    before = [len(kernel.signatures) for kernel in KERNELS]
    bundle.score(Lead(email="test@test.com", message="buy http://x.ru"), scored_at=NOW, age_days=4.0)
    scores = bundle.score_table(make_leads(300), scored_at=NOW)
    assert (scores["junk_probability"] > 0.5).any()
    assert [len(kernel.signatures) for kernel in KERNELS] == before


def test_threads_give_the_same_scores() -> None:
    bundle, leads = make_bundle(), make_leads(64, seed=9)
    whole = bundle.score_table(leads, scored_at=NOW)["reasons"].tolist()
    with ThreadPoolExecutor(8) as pool:
        parts = pool.map(lambda row: bundle.score_table(leads.iloc[row : row + 1], scored_at=NOW), range(64))
        assert [part["reasons"].item() for part in parts] == whole


def test_without_a_writable_cache_the_loops_are_compiled_in_memory() -> None:
    code = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "import models.code_table as tables, numpy as np\n"
        "print(tables.look_up(np.array([1.0]), np.array([5.0, 6.0, 7.0])), tables.look_up.stats.cache_path)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[6.] None"), done.stderr


def test_the_first_compilation_is_logged_once_and_code_from_the_cache_never(tmp_path: Path) -> None:
    code = (
        "import models.code_table as tables, models.combine_kernel as combine, numpy as np\n"
        "tables.look_up(np.array([1.0]), np.array([5.0, 6.0])), combine.sigmoid(0.0)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stderr
        for _ in range(2)
    ]
    assert said == [f"{NOTICE}\n", ""]


def test_numba_is_not_imported_for_the_help() -> None:
    code = "import sys, leadworth.cli; sys.exit('numba' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


def test_uncompiled_rules_and_tables_give_the_same() -> None:
    inputs = np.array([[value] for value in (-1.0, 0.0, 1.0, np.nan)])
    conditions = np.array([(0, compare, 0.0) for compare in range(5)], dtype=CONDITION)
    rules = np.array([(at, at + 1, at, 1.0) for at in range(5)] + [(2, 5, 5, 2.0)], dtype=RULE)
    compiled, plain = np.zeros((4, 6)), np.zeros((4, 6))
    apply_rules(inputs, conditions, rules, compiled)
    apply_rules.py_func(inputs, conditions, rules, plain)
    np.testing.assert_array_equal(plain, compiled)
    assert compiled.tolist() == [
        [0.0, 1.0, 0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0, 1.0, 1.0, 2.0],
        [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0] * 6,
    ]
    codes, table = np.array([0.0, 2.0, 7.0, 0.5, -1.0, np.nan]), by_code({0: 1.5, 2: 0.5}, 1.0)
    assert look_up.py_func(codes, table).tolist() == look_up(codes, table).tolist() == [1.5, 0.5, 1.0, 1.0, 1.0, 1.0]


def test_the_interpreter_lock_is_released() -> None:
    assert all(kernel.targetoptions["nogil"] for kernel in KERNELS)
