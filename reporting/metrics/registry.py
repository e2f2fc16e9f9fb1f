"""Registry of all metrics: every `Metric` that a module of `reporting.metrics` declares.

A metric is added by one decorated function in a module of this package; no list has to be extended.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType

import reporting.metrics
from leadworth.errors import ConfigurationError
from reporting.metrics.metric import Metric


def declared_metrics(modules: Iterable[ModuleType]) -> dict[str, Metric]:
    """Return the metrics of these modules by name, in order of declaration.

    Raises
    ------
    ConfigurationError
        Two metrics have the same name.
    """
    metrics: dict[str, Metric] = {}
    for module in modules:
        for value in vars(module).values():
            if not isinstance(value, Metric):
                continue
            if metrics.setdefault(value.name, value) is not value:
                raise ConfigurationError(
                    f"two metrics have the name {value.name!r}", do="rename one of the two functions"
                )
    return metrics


def _modules() -> Iterable[ModuleType]:
    for module in pkgutil.iter_modules(reporting.metrics.__path__):
        name = f"{reporting.metrics.__name__}.{module.name}"
        if name != __name__:
            yield importlib.import_module(name)


METRICS: Mapping[str, Metric] = MappingProxyType(declared_metrics(_modules()))
"""All metrics by name."""
