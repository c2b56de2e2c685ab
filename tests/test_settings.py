from dataclasses import fields

import pytest

from indexer.jobs.run import PROGRESS_SECONDS, STOP_SECONDS
from indexer.settings import SHORTEST_RESERVE_SECONDS, Settings, SettingUnusable


@pytest.mark.proves("Q16", "Q11", "Q12", "Q13", "Q14", "Q15")
def test_the_numbers_of_the_queue_are_those_of_the_contract():
    settings = Settings.from_environment({})
    assert settings.retry_limit == 3
    assert settings.max_runs == 4
    assert (settings.retry_delay, settings.retry_delay_max) == (60, 180)
    assert settings.expire_in_hours == 24
    assert settings.archive_completed_after == 3600
    assert settings.archive_keep_days == 7
    assert settings.worker_team_size == 3
    assert settings.drain_seconds == 30
    assert settings.job_keep_days == 90


@pytest.mark.proves("Q16")
@pytest.mark.parametrize("setting", fields(Settings), ids=lambda one: one.name)
def test_each_setting_is_settable_by_its_variable(setting):
    other = {bool: "off", int: "8", float: "8.5", str: "x", tuple: "a.example, b.example"}
    particular = {
        "lease_seconds": "60",
        "invocation_reserve_seconds": "10",
        "admin_api_keys": "k" * 32,
        "admin_allowed_networks": "10.0.0.0/8, 2001:db8::/32",
        "github_app_private_keys": "-----BEGIN PRIVATE KEY-----\nTUlJ\n-----END PRIVATE KEY-----",
        "github_webhook_secrets": "w" * 32,
        "github_api_url": "https://github.example/api/v3",
    }
    text = "on" if setting.default is False else other[type(setting.default)]
    text = particular.get(setting.name, text)
    read = Settings.from_environment({setting.metadata["variable"]: text})
    assert getattr(read, setting.name) != setting.default
    assert Settings.from_environment({setting.metadata["variable"]: " "}) == Settings()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("RETRY_LIMIT", "three"),
        ("RETRY_LIMIT", "-1"),
        ("LEASE_SECONDS", "soon"),
        ("LEASE_SECONDS", "inf"),
        ("LEASE_SECONDS", "nan"),
        ("WORKER_ENABLED", "maybe"),
        ("API_KEY_PEPPER", "one two three"),
        ("ADMIN_API_KEY", "k" * 31),
        ("ADMIN_API_KEY", "k" * 32 + " " + "l" * 31),
        ("ADMIN_API_KEY", " ".join(["k" * 32, "l" * 32, "m" * 32])),
        ("ADMIN_ALLOWED_NETWORKS", "10.0.0.1/8"),
        ("ADMIN_ALLOWED_NETWORKS", "10.0.0.0/8 192.0.2.0/24"),
        ("ADMIN_ALLOWED_NETWORKS", "localhost"),
        ("GITHUB_WEBHOOK_SECRET", "w" * 31),
        ("GITHUB_WEBHOOK_SECRET", " ".join(["v" * 32, "w" * 32, "x" * 32])),
        ("GITHUB_APP_ID", "12 34"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_API_URL", "http://api.github.com"),
        ("GITHUB_API_URL", "http://127.0.0.1.example.com"),
        ("GITHUB_API_URL", "https://user:word@api.github.com"),
        ("GITHUB_API_URL", "https://api.github.com?token=word"),
        ("GITHUB_API_URL", "ftp://localhost"),
    ],
)
def test_an_unusable_value_is_refused_by_name_and_not_repeated(variable, text):
    with pytest.raises(SettingUnusable) as refused:
        Settings.from_environment({variable: text})
    assert variable in str(refused.value)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"HEARTBEAT_SECONDS": "15"}, ("HEARTBEAT_SECONDS", "LEASE_SECONDS")),
        ({"HEARTBEAT_SECONDS": "60"}, ("HEARTBEAT_SECONDS", "LEASE_SECONDS")),
        ({"LEASE_SECONDS": "10"}, ("HEARTBEAT_SECONDS", "LEASE_SECONDS")),
        (
            {"LEASE_SECONDS": "0", "HEARTBEAT_SECONDS": "0"},
            ("HEARTBEAT_SECONDS", "LEASE_SECONDS"),
        ),
        ({"WORKER_TEAM_SIZE": "0"}, ("WORKER_TEAM_SIZE", "WORKER_ENABLED")),
        ({"INVOCATION_RESERVE_SECONDS": "9.9"}, ("INVOCATION_RESERVE_SECONDS", "JOB_SECONDS")),
    ],
)
def test_settings_that_contradict_each_other_are_refused_by_both_names(environment, names):
    with pytest.raises(SettingUnusable) as refused:
        Settings.from_environment(environment)
    assert refused.value.code == "setting_unusable"
    assert all(name in str(refused.value) for name in names)


@pytest.mark.parametrize(
    "environment",
    [
        {"HEARTBEAT_SECONDS": "14.9"},
        {"LEASE_SECONDS": "10.1"},
        {"LEASE_SECONDS": "1", "HEARTBEAT_SECONDS": "0"},
        {"WORKER_TEAM_SIZE": "1", "INVOCATION_RESERVE_SECONDS": "10"},
    ],
)
def test_settings_that_just_go_together_are_taken(environment):
    read = Settings.from_environment(environment)
    assert read.heartbeat_seconds * 2 < read.lease_seconds


def test_the_shortest_reserve_has_time_to_end_a_run_that_hears_nothing():
    needed = STOP_SECONDS + PROGRESS_SECONDS + Settings().database_connect_seconds
    assert needed < SHORTEST_RESERVE_SECONDS <= Settings().invocation_reserve_seconds


def test_the_deadlines_are_ordered():
    settings = Settings()
    assert settings.heartbeat_seconds * 3 <= settings.lease_seconds
    assert settings.fetch_seconds < settings.job_seconds
    assert settings.job_seconds + settings.invocation_reserve_seconds <= 900


def test_a_secret_may_hold_two_values_while_it_is_changed_and_shows_neither():
    settings = Settings.from_environment(
        {
            "API_KEY_PEPPER": " north\n\tsouth ",
            "ADMIN_API_KEY": f"{'k' * 32} {'l' * 40}",
            "GITHUB_WEBHOOK_SECRET": f"{'v' * 32} {'w' * 40}",
        }
    )
    assert settings.api_key_peppers == ("north", "south")
    assert settings.admin_api_keys == ("k" * 32, "l" * 40)
    assert settings.github_webhook_secrets == ("v" * 32, "w" * 40)
    hidden = ("north", "south", "kkkk", "llll", "vvvv", "wwww")
    assert not [one for one in hidden if one in repr(settings)]


def test_too_short_an_admin_key_says_how_to_make_a_good_one():
    with pytest.raises(SettingUnusable, match="at least 32 characters; openssl rand -hex 32"):
        Settings.from_environment({"ADMIN_API_KEY": "secret"})


def test_an_empty_admin_key_is_no_key():
    assert Settings.from_environment({"ADMIN_API_KEY": " "}).admin_api_keys == ()
