"""Model registry: versions and aliases of bundles in MLflow, by a database file or by the URL of a server.

A version is an MLflow model from code (`models/pyfunc.py`) with the bundle among its artefacts. Scoring processes
fetch the files of the bundle and read them; they do not load the Python function. MLflow takes seconds to import,
so it is imported on the first request.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlparse
from urllib.request import url2pathname

from leadworth.errors import BundleError, RegistryError
from leadworth.settings import Settings
from models.bundle import REGISTERED, Bundle, Registered
from models.gate_outcome import why_no_champion
from models.manifest import read_manifest
from models.mlflow_artefact import BUNDLE, save_model
from models.mlflow_client import import_mlflow
from models.registry_errors import NO_SUCH, VersionNotFoundError, registry_errors, without_password
from models.run_figures import log, logged

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY = "champion_history"
_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class RegisteredVersion:
    """One registered version."""

    version: str
    aliases: tuple[str, ...]
    registered_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelRegistry:
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
        By every method: the registry does not respond, or has no such model, version or alias.
    """

    uri: str
    artifacts: str | None = None
    model: str = "leadworth"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the registry of the settings."""
        uri, artifacts = settings.database(settings.registry.uri), settings.registry.artifacts
        if artifacts is None and not uri.startswith(("http:", "https:")):
            artifacts = "mlartifacts"
        if artifacts is not None and "://" not in artifacts:
            artifacts = settings.resolve(artifacts).absolute().as_uri()
        return cls(uri, artifacts, settings.registry.model)

    @property
    def location(self) -> str:
        """URI of the registry, without a password."""
        return without_password(self.uri)

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
        metrics, params
            Of the run.
        tags
            Of the run and of the version.
        figures
            Folder of figures to store with the run.
        card
            Model card in markdown.

        Returns
        -------
        str
            The version.
        """
        manifest = read_manifest(bundle)
        labels = {"bundle_id": manifest.id, "features_hash": manifest.features_hash, "leadworth": manifest.leadworth}
        labels |= dict(tags or {})
        with self._errors_of("register a model"), tempfile.TemporaryDirectory() as scratch:
            client = self._writer()
            run = client.create_run(self._experiment(client), tags=labels, run_name=f"{self.model}-{manifest.id[:12]}")
            run_id = run.info.run_id
            log(client, run_id, metrics or {}, params or {})
            save_model(bundle, Path(scratch) / "model")
            client.log_artifacts(run_id, str(Path(scratch) / "model"), "model")
            if figures is not None:
                client.log_artifacts(run_id, str(figures), "figures")
            if card is not None:
                client.log_text(run_id, card, "model_card.md")
            client.set_terminated(run_id)
            source = f"{run.info.artifact_uri}/model"
            return str(client.create_model_version(self.model, source=source, run_id=run_id, tags=labels).version)

    def resolve(self, alias: str) -> str:
        """Return the version of an alias.

        Raises
        ------
        VersionNotFoundError
            If no version has it; for the champion it says why, such as the rules of the promotion gate that failed.
        """
        with self._errors_of(f"look up @{alias}"):
            client = self._reader()
            from mlflow.exceptions import MlflowException

            try:
                return str(client.get_model_version_by_alias(self.model, alias).version)
            except MlflowException as error:
                if alias == CHAMPION and error.error_code in NO_SUCH:
                    raise self._no_champion(client) from error
                raise

    def fetch(self, version: str, to: Path) -> Path:
        """Download the bundle of a version into its own folder below `to`, unless that exists.

        Returns
        -------
        pathlib.Path
            The folder; `Bundle.load` checks its files.
        """
        with self._errors_of(f"fetch version {version}"):
            entry = self._reader().get_model_version(self.model, version)
            target = to / f"{self.model}-{entry.version}-{_bundle_tag(entry)}"
            if target.parent != to or not str(entry.version).isdigit():
                raise RegistryError(f"the registry names version {entry.version!r}", allowed="a number")
            if (target / REGISTERED).is_file():
                return target
            to.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=to) as scratch:
                artifacts = import_mlflow().artifacts
                source = f"{self._located(str(entry.source), str(entry.run_id))}/artifacts/{BUNDLE}"
                folder = Path(
                    artifacts.download_artifacts(artifact_uri=source, dst_path=scratch, tracking_uri=self.uri)
                )
                registered = Registered(model=self.model, version=str(entry.version), trained_at=_time(entry))
                (folder / REGISTERED).write_text(registered.model_dump_json(), encoding="utf-8")
                shutil.rmtree(target, ignore_errors=True)
                os.replace(folder, target)
            return target

    def versions(self, newest: int = 100) -> list[RegisteredVersion]:
        """Return the newest versions, newest first, with the metrics and parameters of their runs.

        A run that was deleted for good has none; its version is still there.
        """
        with self._errors_of("list the versions"):
            client = self._reader()
            query = f"name = '{self.model}'"
            entries = client.search_model_versions(query, max_results=newest, order_by=["version_number DESC"])
            by_alias = self._aliases(client) if entries else {}
            versions = []
            for entry in entries:
                version = str(entry.version)
                aliases = tuple(sorted(alias for alias, target in by_alias.items() if target == version))
                metrics, params = logged(client, str(entry.run_id))
                versions.append(RegisteredVersion(version, aliases, _time(entry), entry.tags, metrics, params))
            return versions

    def card(self, version: str) -> str:
        """Return the model card of a version."""
        with self._errors_of(f"read the card of version {version}"), tempfile.TemporaryDirectory() as scratch:
            client = self._reader()
            run = client.get_run(str(client.get_model_version(self.model, version).run_id)).info
            source = f"{self._located(str(run.artifact_uri), str(run.run_id))}/model_card.md"
            file = import_mlflow().artifacts.download_artifacts(
                artifact_uri=source, dst_path=scratch, tracking_uri=self.uri
            )
            return Path(file).read_text(encoding="utf-8")

    def _located(self, recorded: str, run_id: str) -> str:
        """Return where the files of a run are now: below the artefacts of the settings, or as MLflow recorded it.

        MLflow records absolute paths, which are wrong after the project folder is moved, copied or mounted.
        """
        folder, _, rest = recorded.partition(f"/{run_id}/")
        if not (rest and self.artifacts and self.artifacts.startswith("file:") and folder != self.artifacts):
            return recorded
        local = f"{self.artifacts}/{run_id}/{rest}"
        return local if Path(url2pathname(urlparse(local).path)).is_dir() else recorded

    def set_alias(self, alias: str, version: str) -> None:
        """Set an alias to a version."""
        with self._errors_of(f"set @{alias}"):
            self._writer().set_registered_model_alias(self.model, alias, version)

    def promote(self, version: str, reason: str) -> str | None:
        """Make a version the champion, and record it in the champion history.

        Returns
        -------
        str or None
            The previous champion, or None if there was none or it is the same version.
        """
        with self._errors_of(f"promote version {version}"):
            client = self._writer()
            client.get_model_version(self.model, version)
            history = self._history(client)
            before = history[-1] if history else None
            # The alias first: `_history` adds a champion that an interrupted promotion did not record.
            client.set_registered_model_alias(self.model, CHAMPION, version)
            client.set_model_version_tag(self.model, version, "promoted", reason)
            if before != version:
                client.set_registered_model_tag(self.model, HISTORY, json.dumps([*history, version]))
            if self._aliases(client).get(CHALLENGER) == version:
                client.delete_registered_model_alias(self.model, CHALLENGER)
            return before if before != version else None

    def rollback(self) -> tuple[str, str]:
        """Restore the newest earlier champion that was not deleted.

        Returns
        -------
        tuple of str
            The version that was champion, and the version that is champion now.
        """
        with self._errors_of("roll back"):
            client = self._writer()
            history = self._history(client)
            present = {str(entry.version) for entry in client.search_model_versions(f"name = '{self.model}'")}
            earlier = [version for version in history[:-1] if version in present]
            if not earlier:
                raise RegistryError(
                    f"{self.model} has no earlier champion to roll back to",
                    do="see `leadworth models list`, and promote a version with --force --reason",
                )
            current, previous = history[-1], earlier[-1]
            self.check_loads(previous)
            client.set_registered_model_tag(self.model, HISTORY, json.dumps(earlier))
            client.set_registered_model_alias(self.model, CHAMPION, previous)
            client.set_model_version_tag(self.model, current, "rolled_back", datetime.now(UTC).isoformat())
            return current, previous

    def check_loads(self, version: str) -> None:
        """Raise a RegistryError if the bundle of a version cannot be fetched or read, before it becomes champion."""
        with tempfile.TemporaryDirectory() as scratch:
            try:
                Bundle.load(self.fetch(version, Path(scratch)))
            except (BundleError, RegistryError) as error:
                raise RegistryError(
                    f"version {version} cannot become champion, because it cannot be loaded: {error}",
                    do="see `leadworth models list`, and promote another version, or train again",
                ) from error

    def _history(self, client: MlflowClient) -> list[str]:
        """Return the champions in order, including a current one that was set outside leadworth."""
        model = client.get_registered_model(self.model)
        history = [str(version) for version in json.loads(model.tags.get(HISTORY, "[]"))]
        champion = self._aliases(client).get(CHAMPION)
        return history if champion is None or history[-1:] == [champion] else [*history, champion]

    def _no_champion(self, client: MlflowClient) -> VersionNotFoundError:
        """Return the error that no version is champion, with the reason."""
        query = f"name = '{self.model}'"
        newest = next(iter(client.search_model_versions(query, max_results=1, order_by=["version_number DESC"])), None)
        if newest is None:
            return VersionNotFoundError(
                f"no version of {self.model} is registered at {self.location}", do="run `leadworth train`"
            )
        given, do = why_no_champion(self.model, str(newest.version), _time(newest), newest.tags)
        return VersionNotFoundError(given, do=do)

    def _aliases(self, client: MlflowClient) -> dict[str, str]:
        return {alias: str(version) for alias, version in client.get_registered_model(self.model).aliases.items()}

    def _experiment(self, client: MlflowClient) -> str:
        """Return the experiment whose artefacts are at the location of the settings; create it if there is none.

        MLflow does not change the location of an experiment, so a moved project folder gets another one.
        """
        name = self.model
        experiment = client.get_experiment_by_name(name)
        if experiment is not None and self.artifacts is not None and experiment.artifact_location != self.artifacts:
            name = f"{self.model} at {self.artifacts}"
            experiment = client.get_experiment_by_name(name)
        if experiment is not None:
            return str(experiment.experiment_id)
        return str(client.create_experiment(name, artifact_location=self.artifacts))

    @cached_property
    def _client(self) -> MlflowClient:
        client: MlflowClient = import_mlflow().MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
        return client

    def _reader(self) -> MlflowClient:
        """Return a client; do not create a database file that does not exist."""
        if self.uri.startswith(_SQLITE) and not Path(self.uri.removeprefix(_SQLITE)).is_file():
            raise VersionNotFoundError(
                f"no registry at {self.location}", do="run `leadworth train` first, or correct [registry] uri"
            )
        return self._client

    def _writer(self) -> MlflowClient:
        """Return a client, and create the registered model if it does not exist."""
        from mlflow.exceptions import MlflowException

        try:
            self._client.get_registered_model(self.model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            self._client.create_registered_model(self.model)
        return self._client

    def _errors_of(self, action: str) -> AbstractContextManager[None]:
        return registry_errors(action, self.model, self.location, self.artifacts)


def _time(version: ModelVersion) -> datetime:
    return datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)


def _bundle_tag(entry: ModelVersion) -> str:
    """Return the first digits of the bundle's id; it names a folder that is replaced, and anyone may write tags."""
    tag = str(entry.tags.get("bundle_id", ""))[:12]
    if not re.fullmatch("[0-9a-f]*", tag):
        raise RegistryError("the tag bundle_id of the version is not hexadecimal", do="train again, or correct the tag")
    return tag
