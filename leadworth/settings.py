"""Settings from leadworth.toml and environment variables.

Every setting can be overridden by an environment variable: `LEADWORTH_HORIZON_DAYS=180`,
`LEADWORTH_REGISTRY__URI=http://mlflow:5000` (two underscores between section and key), or by a file with the name of
the variable in the folder `LEADWORTH_SECRETS_DIR`. Paths are relative to the folder of the settings file.
`docs/reference/settings.md` lists all settings.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from leadworth.crm_settings import CrmSettings
from leadworth.errors import ConfigurationError
from leadworth.export_settings import ExportSettings
from leadworth.form_settings import FormSettings
from leadworth.mql_settings import MqlSettings
from leadworth.records import Lead
from leadworth.report_settings import ReportSettings
from leadworth.retention_settings import RetentionSettings
from leadworth.serving_settings import ServingSettings
from leadworth.setting_issues import PREFIX, issues
from leadworth.settings_section import Names, Section

FILE_NAME = "leadworth.toml"
NO_CURRENCY = "XXX"
"""ISO 4217 code for "no currency": written by init where it detects none; train warns of it."""
SECRETS_DIR = "LEADWORTH_SECRETS_DIR"
"""Variable with the folder of secret files, as container engines and systemd mount them."""

_zone_names = cache(available_timezones)  # reads a dozen folders


class ColumnValues(Section):
    """Rows whose `column` holds one of `values` (compared without case)."""

    column: str = Field(description="Column of the outcomes")
    values: Names = Field(description="Values that count")


class TableLocation(Section):
    """Location of a table: a file (CSV, Excel, Parquet) or a database (SQLAlchemy URL with table or query)."""

    path: str = Field(
        "", description="CSV (also .gz, .zip), Excel, Parquet, a SQLAlchemy URL, or crm:NAME for the mirror of a CRM"
    )
    table: str | None = Field(None, description="Table of the database, where `path` is a URL")
    query: str | None = Field(None, description="Query of the database, instead of `table`")
    delimiter: str | None = Field(None, description="Up to four characters; left out: detected, or that of `sep=`")
    encoding: str | None = Field(None, description="Left out: UTF-8, else detected")
    sheet: str | None = Field(None, description="Sheet of an Excel file; left out: the one with most rows")


class TableSource(TableLocation):
    """Location of a table and the notation of its values."""

    date_format: str | None = Field(None, description="strptime format of dates that are not ISO 8601")
    decimal: Literal[".", ","] | None = Field(None, description="Decimal mark; left out: read value by value")


class FeatureColumns(Section):
    """Further columns that are known at submit, by type."""

    numeric: Names = Field((), description="Columns with numbers")
    categorical: Names = Field((), description="Columns with one of a few values")
    text: Names = Field((), description="Columns with free text")
    ignore: Names = Field(
        (),
        description="Columns that are never features, also if [leads.columns] maps them; of `submitted_at` the order "
        "in time stays",
    )
    rest: Literal["ignore", "auto"] = Field("ignore", description="Use of the columns that are not named")

    @model_validator(mode="after")
    def _not_standard(self) -> Self:
        standard = sorted({*self.numeric, *self.categorical, *self.text} & set(Lead.model_fields))
        if standard:
            raise ValueError(
                f"{', '.join(standard)} in [leads.features] have the names of standard fields; "
                f'map them in [leads.columns] instead, such as {standard[0]} = "{standard[0]}"'
            )
        return self


class LeadsSource(TableSource):
    """The leads as known at submit."""

    id: str = Field("lead_id", description="Column that identifies a lead")
    submitted_at: str | None = Field(None, description="Column with the time of submit")
    order_by: str | None = Field(None, description="Column that orders the leads, where there is no date")
    account: str | None = Field(
        None,
        description="Column with the account of a lead, such as its company in the CRM: leads of an account are one "
        "decision, which is won once, in training and in exports. The mirror of a CRM has it without this setting",
    )
    missing: Names = Field(("",), description="Tokens that mean missing")
    columns: dict[str, str] = Field({}, description="Standard field = column of the file")
    features: FeatureColumns = FeatureColumns()

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        unknown = sorted(set(self.columns) - set(Lead.model_fields))
        if unknown:
            raise ValueError(
                f"[leads.columns] names {', '.join(unknown)}, which are not standard fields "
                f"(allowed: {', '.join(Lead.model_fields)}); declare other columns in [leads.features]"
            )
        if self.submitted_at and self.order_by:
            raise ValueError("[leads] has both submitted_at and order_by; keep submitted_at")
        return self


class JoinedTable(TableLocation):
    """Table whose columns are added to the rows of the outcomes, such as contacts, contact roles or deals."""

    column: str = Field(description="Column of the outcomes, or of a table joined before, with the ids of this table")
    meets: str = Field(description="Column of this table with the same ids")


class OutcomesSource(TableSource):
    """Outcomes of the leads; without `path` they are columns of the file of the leads."""

    lead_id: str | None = Field(None, description="Column with the lead's id; left out: as in [leads]")
    key: str | None = Field(
        None, description="Column of the leads that meets `lead_id`, such as the id of their deal; left out: their id"
    )
    deal_id: str | None = Field(
        None, description="Column that identifies a deal; left out: each row is one, or with `stage_at` each lead"
    )
    won: str | None = Field(None, description="Column with a truthy flag")
    won_at: str | None = Field(None, description="Column with the time of winning")
    lost: str | None = Field(None, description="Column with a truthy flag")
    lost_at: str | None = Field(None, description="Column with the time of losing")
    stage: str | None = Field(None, description="Column with the stage: current, or one row per change")
    stage_at: str | None = Field(None, description="Column with the time at which the stage was reached")
    won_stages: Names = Field((), description="Stages that mean won")
    lost_stages: Names = Field((), description="Stages that mean lost")
    revenue: str | None = Field(None, description="Column with the revenue of a won lead")
    currency: str | None = Field(None, description="Column with the currency of `revenue`; empty cells: `currency`")
    junk: ColumnValues | None = Field(None, description="Rows that people labelled junk or spam")
    engaged: ColumnValues | None = Field(None, description="Rows on which a human replied, met or bought")
    known_at: str | None = Field(None, description="Column with the time of the last change of a row")
    joins: tuple[JoinedTable, ...] = Field((), description="Tables whose columns are added to the outcomes, in order")

    @model_validator(mode="after")
    def _joins_of_a_table(self) -> Self:
        if (self.key or self.joins) and not (self.path or self.table or self.query):
            raise ValueError("[outcomes] has key or joins, which need the outcomes in a table of their own; set path")
        return self


class RegistrySettings(Section):
    """The MLflow registry."""

    uri: str = Field("sqlite:///mlflow.db", description="Database file or URL of an MLflow server")
    artifacts: str | None = Field(
        None, description="Location of artefacts; left out: mlartifacts in the folder of the file"
    )
    model: str = Field("leadworth", description="Name of the registered model")


class TrainingSettings(Section):
    """Training and evaluation of a model."""

    as_of: datetime | None = Field(None, description="Snapshot; left out: the last time in the data")
    not_before: datetime | None = Field(None, description="Leads submitted earlier are left out (left truncation)")
    seed: int = Field(7, description="Same data and same seed give the identical bundle")
    test_share: float = Field(
        0.3, gt=0, lt=0.9, description="Latest share of the leads, on which the model is evaluated"
    )
    allow: Names = Field((), description="Columns that the leakage audit suspects and that you know to be safe")
    max_unreadable: float = Field(
        0.05, ge=0, le=1, description="Share of unreadable dates, flags or money of a column above which train stops"
    )
    max_unmatched: float = Field(
        0.5, ge=0, le=1, description="Share of rows of outcomes whose id meets no lead above which train stops"
    )
    fit_leads: int = Field(
        300_000,
        ge=1_000,
        description=(
            "Number of leads above which models are fitted to a sample of about this size: all won and junk leads, "
            "and a random part of the others with weights"
        ),
    )
    check_leads: int = Field(
        100_000,
        ge=1_000,
        description=(
            "Number of leads above which the leakage audit, the baselines, the later leads of the evaluation and the "
            "random split use a random sample of this size"
        ),
    )
    threads: int | None = Field(None, ge=1, description="Number of threads of a training; left out: one for each core")


class JunkSettings(Section):
    """Guarantee about genuine buyers, and training of the junk model."""

    alpha: float = Field(0.005, gt=0, lt=0.5, description="Largest share of genuine buyers that may be rejected")
    delta: float = Field(0.05, gt=0, lt=0.5, description="Probability that this guarantee fails")
    half_life_days: float = Field(365.0, gt=0, description="Age at which a label counts half")
    exploration_rate: float = Field(
        0.01,
        ge=0,
        le=0.5,
        description="Exploration rate: share of would-be rejected leads that pass, so that they get labels",
    )


class Settings(BaseSettings):
    """All settings.

    Examples
    --------
    >>> settings = Settings(currency="EUR", leads={"path": "leads.csv"}, outcomes={"won": "Converted"})
    >>> settings.horizon_days, settings.timezone, settings.leads.id
    (365, 'UTC', 'lead_id')
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, secrets_dir=None
    )

    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of all money")
    currencies: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {}, description="Other currency = value of one unit of it in `currency`, to convert the revenue"
    )
    timezone: str = Field("UTC", description="IANA name: time zone of naive timestamps in the files")
    horizon_days: int = Field(365, gt=0, description="A win later than this does not count")
    skew_limit: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="Effect on predicted value, as a share, above which an input that differs from training is named",
    )
    leads: LeadsSource
    outcomes: OutcomesSource = OutcomesSource()
    mql: MqlSettings = MqlSettings()
    registry: RegistrySettings = RegistrySettings()
    training: TrainingSettings = TrainingSettings()
    serving: ServingSettings = ServingSettings()
    junk: JunkSettings = JunkSettings()
    forms: FormSettings = FormSettings()
    export: ExportSettings = ExportSettings()
    crm: CrmSettings = CrmSettings()
    retention: RetentionSettings = RetentionSettings()
    report: ReportSettings = ReportSettings()
    secret: SecretStr | None = Field(
        None, description="Secret from which keys are derived; set it as LEADWORTH_SECRET, at least 32 characters"
    )
    folder: Path = Field(Path(), exclude=True, description="Folder of the file; set by load_settings")

    @model_validator(mode="after")
    def _known_zone(self) -> Self:
        if self.timezone not in _zone_names():
            raise ValueError(f"timezone {self.timezone!r} is not an IANA name such as Europe/Rome")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of naive timestamps."""
        return ZoneInfo(self.timezone)

    def resolve(self, path: str | Path) -> Path:
        """Return a path of the settings, relative to the folder of the file, for use from the working directory."""
        return self.folder / Path(path).expanduser()

    def database(self, url: str) -> str:
        """Return a database URL with a relative SQLite path made absolute.

        Examples
        --------
        >>> Settings(currency="EUR", leads={}, folder="/srv").database("sqlite:///mlflow.db")
        'sqlite:////srv/mlflow.db'
        """
        prefix = "sqlite:///"
        if not url.startswith(prefix) or url.startswith(prefix + "/") or url.startswith(prefix + ":memory:"):
            return url
        return prefix + str(self.resolve(url.removeprefix(prefix)).absolute())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override secret files, and these the settings file, whose values are init arguments."""
        del settings_cls, dotenv_settings
        folder = os.environ.get(SECRETS_DIR) or None
        files = NestedSecretsSettingsSource(file_secret_settings, secrets_dir=folder, secrets_dir_missing="error")
        return env_settings, files, init_settings


def load_settings(path: str | Path = FILE_NAME) -> Settings:
    """Read leadworth.toml, with overrides from the environment.

    Raises
    ------
    ConfigurationError
        Where the file is absent, is not TOML, or has unknown or invalid settings.
    """
    file = Path(path)
    if not file.is_file():
        raise ConfigurationError(
            f"no settings file at {file.absolute()}",
            do="create one with `leadworth init FILE...` or `leadworth crm connect NAME`, or name it with --config",
        )
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"{file} is not UTF-8, from line {line} on", allowed="UTF-8", do="save it as UTF-8 in the editor"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}", do="correct the line named") from error
    return settings_of(content, file)


def settings_of(content: Mapping[str, Any], file: Path) -> Settings:
    """Return the settings of a file's content, with overrides from the environment.

    Parameters
    ----------
    content
        Sections and settings.
    file
        The file, which may not exist yet.

    Raises
    ------
    ConfigurationError
        Where there are unknown or invalid settings, in the content or in the environment.
    """
    _refuse_unknown_variables()
    try:
        return Settings(**content, folder=file.parent)
    except ValidationError as error:
        raise ConfigurationError(f"{file}: {issues(error, Settings)}", do="see docs/reference/settings.md") from error
    except SettingsError as error:
        raise ConfigurationError(
            f"a {PREFIX}* variable cannot be read: {error}", allowed="JSON for sections"
        ) from error


def _refuse_unknown_variables() -> None:
    known = set(Settings.model_fields) - {"folder"}
    folder = os.environ.get(SECRETS_DIR)
    files = os.listdir(folder) if folder and os.path.isdir(folder) else []
    for name in (*os.environ.keys() - {SECRETS_DIR}, *files):
        top = name.removeprefix(PREFIX).split("__")[0].lower()
        if name.startswith(PREFIX) and top not in known:
            raise ConfigurationError(
                f"the environment variable or secret file {name} is not a setting",
                allowed=", ".join(PREFIX + field.upper() for field in sorted(known)),
                do="correct or remove it",
            )
