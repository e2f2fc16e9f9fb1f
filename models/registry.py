"""The model registry: MLflow, by a database file or by the URL of a server.

A version is an MLflow model made from code (`models/pyfunc.py`) with the bundle among its artefacts.
Our own processes fetch the bundle's files and read them; they never load the Python function.
MLflow takes seconds to import, so it is imported only when the registry is asked.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from leadworth.errors import RegistryError
from leadworth.settings import Settings
from models.artefact import BUNDLE, save_model
from models.bundle import REGISTERED, Registered
from models.manifest import read_manifest
from models.mlflow_quietly import import_mlflow

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY = "champion_history"
_ABSENT = (
    "see `leadworth models list`; a version that the gate stopped is promoted all the same with "
    '`leadworth models promote VERSION --force --reason "..."`'
)
_BATCH = 100
_SQLITE = "sqlite:///"
_PASSWORD = re.compile(r"//[^@/\s]*@")


class AbsentError(RegistryError):
    """The registry answers, or could, but does not have what was asked for."""


@dataclass(frozen=True)
class Version:
    """One registered version."""

    version: str
    aliases: tuple[str, ...]
    registered_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Registry:
    """A registered model and its versions.

    Parameters
    ----------
    uri
        ``sqlite:///...`` or the URL of an MLflow server.
    artifacts
        Folder or URI of the artefacts; None leaves it to the server.
    model
        Name of the registered model, and of the experiment that logs its runs.

    Raises
    ------
    RegistryError
        By every method, where the registry does not answer or does not have what is asked for.
    """

    uri: str
    artifacts: str | None = None
    model: str = "leadworth"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the registry that the settings name."""
        uri, artifacts = settings.database(settings.registry.uri), settings.registry.artifacts
        if artifacts is None and not uri.startswith(("http:", "https:")):
            artifacts = "mlartifacts"
        if artifacts is not None and "://" not in artifacts:
            artifacts = settings.resolve(artifacts).absolute().as_uri()
        return cls(uri, artifacts, settings.registry.model)

    @property
    def place(self) -> str:
        """Where the registry is, without a password."""
        return _PASSWORD.sub("//***@", self.uri)

    def register(
        self,
        bundle: Path,
        *,
        metrics: Mapping[str, float] | None = None,
        params: Mapping[str, object] | None = None,
        tags: Mapping[str, str] | None = None,
        figures: Path | None = None,
        card: str | None = None,
    ) -> str:
        """Log a run with the bundle, and register it as the next version.

        Parameters
        ----------
        bundle
            Folder of a saved bundle.
        metrics, params, tags
            Of the run; the tags are also those of the version.
        figures
            Folder of figures to keep with the run.
        card
            Model card in markdown.

        Returns
        -------
        The version.
        """
        manifest = read_manifest(bundle)
        labels = {"bundle_id": manifest.id, "features_hash": manifest.features_hash, "leadworth": manifest.leadworth}
        labels |= dict(tags or {})
        with self._asked("register a model"), tempfile.TemporaryDirectory() as scratch:
            client = self._writer()
            run = client.create_run(self._experiment(client), tags=labels, run_name=f"{self.model}-{manifest.id[:12]}")
            number = run.info.run_id
            _log(client, number, metrics or {}, params or {})
            save_model(bundle, Path(scratch) / "model")
            client.log_artifacts(number, str(Path(scratch) / "model"), "model")
            if figures is not None:
                client.log_artifacts(number, str(figures), "figures")
            if card is not None:
                client.log_text(number, card, "model_card.md")
            client.set_terminated(number)
            source = f"{run.info.artifact_uri}/model"
            made = client.create_model_version(self.model, source=source, run_id=number, tags=labels)
            return str(made.version)

    def resolve(self, alias: str) -> str:
        """Return the version that bears an alias."""
        with self._asked(f"look up @{alias}"):
            return str(self._reader().get_model_version_by_alias(self.model, alias).version)

    def fetch(self, version: str, to: Path) -> Path:
        """Copy the bundle of a version into a folder of its own below `to`, unless it is there already.

        Returns
        -------
        The folder; `Bundle.load` checks what lies in it.
        """
        with self._asked(f"fetch version {version}"):
            found = self._reader().get_model_version(self.model, version)
            target = to / f"{self.model}-{found.version}-{found.tags.get('bundle_id', '')[:12]}"
            if (target / REGISTERED).is_file():
                return target
            to.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=to) as scratch:
                artifacts = import_mlflow().artifacts
                source = f"{found.source}/artifacts/{BUNDLE}"
                folder = Path(
                    artifacts.download_artifacts(artifact_uri=source, dst_path=scratch, tracking_uri=self.uri)
                )
                known = Registered(model=self.model, version=str(found.version), trained_at=_time(found))
                (folder / REGISTERED).write_text(known.model_dump_json(), encoding="utf-8")
                shutil.rmtree(target, ignore_errors=True)
                os.replace(folder, target)
            return target

    def versions(self, newest: int = 100) -> list[Version]:
        """Return the newest versions, the newest first, with the figures of their runs."""
        with self._asked("list the versions"):
            client = self._reader()
            aliases = self._aliases(client)
            named = f"name = '{self.model}'"
            versions = []
            for one in client.search_model_versions(named, max_results=newest, order_by=["version_number DESC"]):
                data = client.get_run(str(one.run_id)).data
                borne = tuple(sorted(alias for alias, version in aliases.items() if version == str(one.version)))
                versions.append(Version(str(one.version), borne, _time(one), one.tags, data.metrics, data.params))
            return versions

    def card(self, version: str) -> str:
        """Return the model card of a version."""
        with self._asked(f"read the card of version {version}"), tempfile.TemporaryDirectory() as scratch:
            run = self._reader().get_model_version(self.model, version).run_id
            file = self._reader().download_artifacts(str(run), "model_card.md", scratch)
            return Path(file).read_text(encoding="utf-8")

    def set_alias(self, alias: str, version: str) -> None:
        """Let an alias name a version."""
        with self._asked(f"set @{alias}"):
            self._writer().set_registered_model_alias(self.model, alias, version)

    def promote(self, version: str, why: str) -> str | None:
        """Make a version the champion, and remember the champion before it.

        Returns
        -------
        The champion before, or None.
        """
        with self._asked(f"promote version {version}"):
            client = self._writer()
            client.get_model_version(self.model, version)
            history = self._history(client)
            before = history[-1] if history else None
            if before != version:
                client.set_registered_model_tag(self.model, HISTORY, json.dumps([*history, version]))
            client.set_model_version_tag(self.model, version, "promoted", why)
            client.set_registered_model_alias(self.model, CHAMPION, version)
            if self._aliases(client).get(CHALLENGER) == version:
                client.delete_registered_model_alias(self.model, CHALLENGER)
            return before if before != version else None

    def rollback(self) -> tuple[str, str]:
        """Make the champion before this one the champion again.

        Returns
        -------
        The version that was champion, and the one that is now.
        """
        with self._asked("roll back"):
            client = self._writer()
            history = self._history(client)
            if len(history) < 2:
                raise RegistryError(
                    f"{self.model} has no earlier champion to go back to",
                    do="see `leadworth models list`, and promote a version with --force --reason",
                )
            left, back = history[-1], history[-2]
            client.set_registered_model_alias(self.model, CHAMPION, back)
            client.set_registered_model_tag(self.model, HISTORY, json.dumps(history[:-1]))
            client.set_model_version_tag(self.model, left, "rolled_back", datetime.now(UTC).isoformat())
            return left, back

    def _history(self, client: MlflowClient) -> list[str]:
        """Return the champions in order; an alias that was moved by other hands counts as the last."""
        model = client.get_registered_model(self.model)
        history = [str(version) for version in json.loads(model.tags.get(HISTORY, "[]"))]
        champion = self._aliases(client).get(CHAMPION)
        return history if champion is None or history[-1:] == [champion] else [*history, champion]

    def _aliases(self, client: MlflowClient) -> dict[str, str]:
        return {alias: str(version) for alias, version in client.get_registered_model(self.model).aliases.items()}

    def _experiment(self, client: MlflowClient) -> str:
        found = client.get_experiment_by_name(self.model)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(self.model, artifact_location=self.artifacts))

    @cached_property
    def _client(self) -> MlflowClient:
        client: MlflowClient = import_mlflow().MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
        return client

    def _reader(self) -> MlflowClient:
        """Return a client, without making a database where there is none."""
        if self.uri.startswith(_SQLITE) and not Path(self.uri.removeprefix(_SQLITE)).is_file():
            raise AbsentError(
                f"no registry at {self.place}", do="run `leadworth train` first, or correct [registry] uri"
            )
        return self._client

    def _writer(self) -> MlflowClient:
        """Return a client of a registry that has the model."""
        from mlflow.exceptions import MlflowException

        try:
            self._client.get_registered_model(self.model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            self._client.create_registered_model(self.model)
        return self._client

    @contextmanager
    def _asked(self, doing: str) -> Iterator[None]:
        """Turn whatever MLflow raises into a RegistryError."""
        import_mlflow()
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except MlflowException as error:
            absent = error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
            raise (AbsentError if absent else RegistryError)(
                f"cannot {doing} of {self.model} at {self.place}: {_PASSWORD.sub('//***@', error.message)}",
                do=_ABSENT if absent else "see that the registry is up, then repeat",
            ) from error
        except (OSError, SQLAlchemyError) as error:
            raise RegistryError(
                f"the registry at {self.place} did not answer ({doing}): {type(error).__name__}",
                do="see that it is up and that [registry] uri is right, then repeat",
            ) from error


def _log(client: MlflowClient, run: str, metrics: Mapping[str, float], params: Mapping[str, object]) -> None:
    """Log in few calls, as many as MLflow takes at once; one call a figure takes seconds."""
    from mlflow.entities import Metric, Param

    now = int(datetime.now(UTC).timestamp() * 1000)
    figures = [Metric(name, float(amount), now, 0) for name, amount in metrics.items()]
    settings = [Param(name, str(value)) for name, value in params.items()]
    for start in range(0, max(len(figures), len(settings)), _BATCH):
        chunk = slice(start, start + _BATCH)
        client.log_batch(run, metrics=figures[chunk], params=settings[chunk])


def _time(version: ModelVersion) -> datetime:
    return datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
