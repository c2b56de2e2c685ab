from dataclasses import fields

import pytest

from indexer.settings import Settings, SettingUnusable


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
    text = "on" if setting.default is False else other[type(setting.default)]
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
    ],
)
def test_an_unusable_value_is_refused_by_name_and_not_repeated(variable, text):
    with pytest.raises(SettingUnusable) as refused:
        Settings.from_environment({variable: text})
    assert variable in str(refused.value)
    assert text not in str(refused.value)


def test_the_deadlines_are_ordered():
    settings = Settings()
    assert settings.heartbeat_seconds * 3 <= settings.lease_seconds
    assert settings.fetch_seconds < settings.job_seconds
    assert settings.job_seconds + settings.invocation_reserve_seconds <= 900
