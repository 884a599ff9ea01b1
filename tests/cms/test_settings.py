"""Settings: read once from the environment, refused in plain words."""

import os
from dataclasses import FrozenInstanceError, fields

import pytest

from cms.settings import DEFAULT_SECRET_KEY, BadSetting, Settings, listed


def loaded(**given: str) -> Settings:
    return Settings.load({f"DATELINE_{name.upper()}": value for name, value in given.items()})


def test_without_a_variable_everything_has_its_default() -> None:
    settings = loaded()
    assert settings == Settings(public_url="http://127.0.0.1:8000")
    assert settings.embedded


def test_variables_are_read_by_their_kind() -> None:
    settings = loaded(
        database_url="postgresql://desk@db/news",
        port="8080",
        worker="off",
        production=" ON ",
        site_time_zone="Europe/Oslo",
        site_url="https://news.example/",
        log_level="debug",
        max_upload_mb="0",
    )
    assert (settings.port, settings.worker, settings.production, settings.embedded) == (8080, False, True, False)
    assert (settings.site_time_zone, settings.site_url) == ("Europe/Oslo", "https://news.example")
    assert (settings.log_level, settings.max_upload_mb) == ("DEBUG", 0)


def test_other_variables_are_not_settings_and_an_empty_one_is_none() -> None:
    assert Settings.load({"PATH": "/bin", "DATELINE_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("given", "site", "public"),
    [
        ({"port": "81"}, "http://127.0.0.1:81", "http://127.0.0.1:81"),
        ({"site_url": "https://a.example", "port": "81"}, "https://a.example", "https://a.example"),
        (
            {"site_url": "https://a.example", "public_url": "https://b.example"},
            "https://a.example",
            "https://b.example",
        ),
        ({"public_url": "https://b.example"}, "http://127.0.0.1:8000", "https://b.example"),
    ],
)
def test_addresses_that_are_not_given_follow_from_those_that_are(given: dict[str, str], site: str, public: str) -> None:
    settings = loaded(**given)
    assert (settings.site_url, settings.public_url) == (site, public)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "0"),
        ("port", "65536"),
        ("worker", "yes"),
        ("max_body_kb", "-1"),
        ("max_body_kb", "1.5"),
        ("log_level", "LOUD"),
        ("site_url", "news.example"),
        ("site_url", "ftp://news.example"),
        ("site_time_zone", "Mars/Olympus"),
        ("site_time_zone", "Europe"),
        ("site_time_zone", "../etc"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refused:
        loaded(**{name: value})
    assert str(refused.value).startswith(f"DATELINE_{name.upper()} cannot be {value!r}: ")


def test_a_variable_that_is_no_setting_is_refused() -> None:
    with pytest.raises(BadSetting, match="DATELINE_PROT is not a setting"):
        loaded(prot="8000")


@pytest.mark.parametrize("key", [None, DEFAULT_SECRET_KEY, "k" * 31])
def test_production_wants_a_long_secret_key_of_its_own(key: str | None) -> None:
    given = {"secret_key": key} if key else {}
    loaded(**given).check_production()
    with pytest.raises(BadSetting, match="DATELINE_SECRET_KEY"):
        loaded(production="on", **given).check_production()
    loaded(production="on", secret_key="k" * 32).check_production()


def test_every_setting_is_listed_with_its_value_and_secrets_masked() -> None:
    found = {
        one.variable: one
        for one in listed(
            loaded(
                secret_key="k" * 32,
                database_url="postgresql://desk:p%40ss@db:5432/news",
                read_database_urls="postgresql://desk:one@a/news, postgresql://b/news,postgresql://desk:two@c/news",
                worker="off",
                session_hours="8",
            )
        )
    }
    assert list(found) == [f"DATELINE_{one.name.upper()}" for one in fields(Settings)]
    assert found["DATELINE_SECRET_KEY"].value == "••••"
    assert found["DATELINE_DATABASE_URL"].value == "postgresql://desk:••••@db:5432/news"
    standbys = "postgresql://desk:••••@a/news, postgresql://b/news,postgresql://desk:••••@c/news"
    assert found["DATELINE_READ_DATABASE_URLS"].value == standbys
    worker, hours = found["DATELINE_WORKER"], found["DATELINE_SESSION_HOURS"]
    assert (worker.value, worker.default, worker.unit) == ("off", "on", "")
    assert (hours.value, hours.default, hours.unit) == ("8", "12", "hours")
    assert [one.variable for one in found.values() if not one.help.endswith(".")] == []


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        loaded().port = 1  # type: ignore[misc]


def test_the_environment_of_the_process_is_the_one_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DATELINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATELINE_SITE_NAME", "The Harbour Gazette")
    assert Settings.load().site_name == "The Harbour Gazette"
