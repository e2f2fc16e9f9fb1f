"""Functions that the tests run in workers, in a module that a worker imports at once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from crm.lead_partitions import LeadPartition
from leadworth.errors import InputError


def rows(partition: LeadPartition) -> int:
    return partition.rows


def refuse(partition: LeadPartition) -> int:
    if partition.number == 3:
        raise InputError("part 3 is damaged", do="export it again")
    return partition.rows


def fail(partition: LeadPartition) -> int:
    raise ZeroDivisionError(f"part {partition.number}")


def die_once(folder: Path, partition: LeadPartition) -> int:
    """Kill the worker at the first try of two partitions."""
    mark = folder / f"{partition.number}.died"
    if partition.number in {2, 5} and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return partition.rows


def die(partition: LeadPartition) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def process(partition: LeadPartition) -> int:
    return os.getpid()
