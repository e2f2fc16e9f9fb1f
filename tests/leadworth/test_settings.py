"""leadworth.toml says what it means, or says what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from leadworth.errors import ConfigurationError
from leadworth.settings import Settings, load_settings

ISSUE = """
currency = "EUR"
timezone = "Europe/Rome"
horizon_days = 365

[leads]
path = "leads.csv"
id = "lead_id"
submitted_at = "created"
missing = ["Select", ""]
[leads.columns]
email = "Email"
source = "Lead Source"
[leads.features]
numeric = ["TotalVisits"]
categorical = ["Specialization"]
text = ["Message"]
ignore = ["Tags"]
rest = "ignore"

[outcomes]
path = "deals.csv"
lead_id = "lead_id"
won = "Converted"
won_at = "won_date"
lost_at = "lost_date"
revenue = "amount"
junk = { column = "Status", values = ["Junk Lead", "Spam"] }
engaged = { column = "Status", values = ["Meeting held"] }

[mql]
margin = 0.4
touch_cost = 25.0
[registry]
uri = "sqlite:///mlflow.db"
model = "leadworth"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "leadworth.toml"
    path.write_text(ISSUE, encoding="utf-8")
    return path


def test_the_documented_file_is_read(file: Path) -> None:
    settings = load_settings(file)
    assert settings.zone.key == "Europe/Rome"
    assert settings.leads.columns == {"email": "Email", "source": "Lead Source"}
    assert settings.outcomes.junk is not None
    assert settings.outcomes.junk.values == ("Junk Lead", "Spam")
    assert settings.resolve(settings.leads.path) == file.parent / "leads.csv"
    assert settings.database(settings.registry.uri) == f"sqlite:///{file.parent}/mlflow.db"


@pytest.mark.parametrize(
    ("variable", "value", "path", "expected"),
    [
        ("LEADWORTH_HORIZON_DAYS", "180", ("horizon_days",), 180),
        ("LEADWORTH_REGISTRY__URI", "http://mlflow:5000", ("registry", "uri"), "http://mlflow:5000"),
        ("LEADWORTH_TRAINING__ALLOW", "Tags", ("training", "allow"), ("Tags",)),
        ("LEADWORTH_TRAINING__ALLOW", '["Tags", "Score"]', ("training", "allow"), ("Tags", "Score")),
    ],
)
def test_the_environment_overrides_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, path: tuple[str, ...], expected: object
) -> None:
    monkeypatch.setenv(variable, value)
    setting: object = load_settings(file)
    for part in path:
        setting = getattr(setting, part)
    assert setting == expected


def test_an_override_leaves_the_rest_of_its_section(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADWORTH_MQL__MARGIN", "0.2")
    assert load_settings(file).mql.touch_cost == 25.0


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('currency = "EUR"', 'currency = "euro"', "currency"),
        ('currency = "EUR"', "", "currency: Field required"),
        ("Europe/Rome", "Rome", "'Rome' is not an IANA name"),
        ("horizon_days", "horizon_day", r"horizon_day: there is no such setting \(nearest: horizon_days\)"),
        ("[mql]", "[junk]\nalways_pass = 0.1\n[mql]", "junk.always_pass: this setting was renamed to exploration_rate"),
        ('submitted_at = "created"', 'submited_at = "x"', r"leads.submited_at: .* \(nearest: submitted_at\)"),
        ('email = "Email"', 'emial = "Email"', "emial, which are not standard fields"),
        ('numeric = ["TotalVisits"]', 'numeric = ["email"]', r'in \[leads.columns\] instead, such as email = "email"'),
        ('id = "lead_id"', 'id = "lead_id"\norder_by = "n"', "both submitted_at and order_by"),
        ("[mql]", "[mql", "not valid TOML"),
        ("margin = 0.4", "margin = 1.4", r"mql.margin: .* \(given: 1.4\)"),
    ],
)
def test_a_fault_is_named(file: Path, before: str, after: str, message: str) -> None:
    assert before in ISSUE
    file.write_text(ISSUE.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        load_settings(file)


def test_a_byte_order_mark_of_an_editor_is_read(file: Path) -> None:
    file.write_text(ISSUE.lstrip(), encoding="utf-8-sig")
    assert load_settings(file).currency == "EUR"


@pytest.mark.parametrize(("encoding", "line"), [("utf-16", 1), ("latin-1", 3)])
def test_another_encoding_is_named_with_its_line(file: Path, encoding: str, line: int) -> None:
    file.write_text('currency = "EUR"\n\n# for Zürich\n[leads]\n', encoding=encoding)
    with pytest.raises(ConfigurationError, match=f"is not UTF-8, from line {line} on.*save it as UTF-8"):
        load_settings(file)


@pytest.mark.parametrize("variable", ["LEADWORTH_TYPO", "LEADWORTH_FOLDER", "LEADWORTH_LEADS"])
def test_a_variable_that_cannot_be_used_is_named(file: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "x")
    with pytest.raises(ConfigurationError, match=variable.removeprefix("LEADWORTH_").lower() + "|" + variable):
        load_settings(file)


def test_a_fault_of_the_environment_names_the_variable(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADWORTH_MQL__TOUCHCOST", "4")
    with pytest.raises(ConfigurationError, match=r"from LEADWORTH_MQL__TOUCHCOST.*nearest: touch_cost"):
        load_settings(file)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="leadworth init"):
        load_settings(tmp_path / "none.toml")


def test_secrets_do_not_show(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADWORTH_SECRET", "s" * 32)
    monkeypatch.setenv("LEADWORTH_SERVING__STORE", "postgresql://user:hidden@db/leads")
    shown = repr(load_settings(file))
    assert "ssss" not in shown
    assert "hidden" not in shown


@pytest.mark.parametrize(
    "url", ["postgresql://db/x", "sqlite:////srv/x.db", "sqlite:///:memory:", "http://mlflow:5000"]
)
def test_only_relative_sqlite_paths_are_moved(url: str) -> None:
    assert Settings(currency="EUR", leads={}, folder=Path("/srv")).database(url) == url


def undescribed(model: type[BaseModel], path: str = "") -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += undescribed(inner, f"{path}{name}.")
        elif not field.description:
            found.append(path + name)
    return found


def test_every_setting_is_described() -> None:
    assert undescribed(Settings) == []


def test_the_file_of_the_readme_is_valid(tmp_path: Path) -> None:
    readme = Path(__file__).parents[2] / "README.md"
    blocks = re.findall(r"```toml\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    for number, block in enumerate(blocks):
        path = tmp_path / f"{number}.toml"
        path.write_text(block, encoding="utf-8")
        assert load_settings(path).currency


@pytest.mark.parametrize("name", ["visits", "webdriver", "lead_id", "recent_ip_10m", "token_state", "ip", "age_days"])
def test_a_form_cannot_be_allowed_to_set_what_a_visitor_must_not(file: Path, name: str) -> None:
    file.write_text(ISSUE + f'[forms]\nfields = ["Seats", "{name}"]\n')
    with pytest.raises(
        ConfigurationError, match=rf"forms: \[forms\] fields names {name}, which a visitor must not set"
    ):
        load_settings(file)


def test_secret_files_override_the_file_and_variables_override_both(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(ISSUE + '[serving]\nstore = "sqlite:///file.db"\nport = 1\n')
    folder = tmp_path / "secrets"
    (folder / "..data").mkdir(parents=True)  # as Kubernetes mounts a secret
    (folder / "..data" / "LEADWORTH_SERVING__STORE").write_text("postgresql://u:p@h/d\n")
    (folder / "LEADWORTH_SERVING__STORE").symlink_to("..data/LEADWORTH_SERVING__STORE")
    (folder / "LEADWORTH_SECRET").write_text("s" * 40)
    (folder / "postgres_password").write_text("p")
    monkeypatch.setenv("LEADWORTH_SECRETS_DIR", str(folder))
    settings = load_settings(file)
    assert settings.serving.store.get_secret_value() == "postgresql://u:p@h/d"
    assert settings.secret is not None
    assert settings.secret.get_secret_value() == "s" * 40
    assert settings.serving.port == 1
    monkeypatch.setenv("LEADWORTH_SERVING__STORE", "sqlite:///variable.db")
    assert load_settings(file).serving.store.get_secret_value() == "sqlite:///variable.db"


@pytest.mark.parametrize("name", ["LEADWORTH_SECERT", "LEADWORTH_SERVING__STOER", ""])
def test_an_unknown_secret_file_or_a_missing_folder_is_an_error(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / "secrets"
    if name:
        folder.mkdir()
        (folder / name).write_text("never shown")
    monkeypatch.setenv("LEADWORTH_SECRETS_DIR", str(folder))
    with pytest.raises(ConfigurationError) as raised:
        load_settings(file)
    assert "never shown" not in str(raised.value)


def test_a_form_may_have_further_columns(file: Path) -> None:
    file.write_text(ISSUE + '[forms]\nfields = ["Seats", "company"]\n')
    assert load_settings(file).forms.fields == ("Seats", "company")
