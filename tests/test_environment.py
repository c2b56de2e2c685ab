from dataclasses import dataclass, field

import pytest
from tests.support.clocks_by_hand import ClocksByHand

from indexer.environment import FromEnvironment
from indexer.secrets import SECRET_MAX_AGE_SECONDS, SECRET_VARIABLES, SecretUnreadable
from indexer.settings import Settings


@dataclass
class Held:
    url: str
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass
class Rotation:
    """An environment whose database URL lies in a secret, and its clocks."""

    store: object
    arn: str
    made: list[Held] = field(default_factory=list)
    hand: ClocksByHand = field(default_factory=ClocksByHand)

    def put(self, text: str) -> None:
        self.store.put_secret_value(SecretId=self.arn, SecretString=text)

    def make(self, environment) -> Held:
        self.made.append(Held(environment["DATABASE_URL"]))
        return self.made[-1]


@pytest.fixture
def rotation(secret_store, monkeypatch) -> Rotation:
    arn = secret_store.create_secret(Name="api", SecretString="first")["ARN"]
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_SECRET_ARN", arn)
    return Rotation(secret_store, arn)


@pytest.mark.proves("D3")
def test_a_rotated_secret_reaches_a_warm_environment_within_its_age(rotation):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    first = kept.get()
    rotation.put("second")
    rotation.hand.pass_time(SECRET_MAX_AGE_SECONDS - 1)
    assert kept.get() is first
    rotation.hand.pass_time(1)
    assert kept.get().url == "second"
    assert first.closed
    assert [held.closed for held in rotation.made] == [True, False]


def test_a_frozen_environment_reads_its_secrets_again_when_it_thaws(rotation):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    kept.get()
    rotation.put("second")
    rotation.hand.freeze(SECRET_MAX_AGE_SECONDS)
    assert kept.get().url == "second"


def test_a_clock_that_is_set_back_keeps_no_secret_longer(rotation):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    kept.get()
    rotation.put("second")
    rotation.hand.wall -= 86_400
    rotation.hand.monotonic += SECRET_MAX_AGE_SECONDS
    assert kept.get().url == "second"


def test_an_unchanged_secret_changes_nothing(rotation):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    first = kept.get()
    for _ in range(3):
        rotation.hand.pass_time(SECRET_MAX_AGE_SECONDS)
        assert kept.get() is first
    assert len(rotation.made) == 1


def test_what_works_goes_on_working_while_the_secret_cannot_be_read(rotation, log_lines):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    first = kept.get()
    rotation.store.delete_secret(SecretId=rotation.arn, ForceDeleteWithoutRecovery=True)
    rotation.hand.pass_time(SECRET_MAX_AGE_SECONDS)
    assert kept.get() is first
    assert not first.closed
    assert [line["error_code"] for line in log_lines()] == ["secret_unreadable"]


class Strict:
    """As the functions: it is made of settings, which may refuse a value."""

    def __init__(self, environment) -> None:
        self.settings = Settings.from_environment(environment)

    def close(self) -> None:
        pass


@pytest.fixture(
    params=[
        ("GITHUB_WEBHOOK_SECRET", "github_webhook_secrets", "w" * 32, "w" * 31),
        ("ADMIN_API_KEY", "admin_api_keys", "k" * 32, "k" * 31),
        ("API_KEY_PEPPER", "api_key_peppers", "p" * 32, "one two three"),
    ],
    ids=lambda param: param[0],
)
def changing(request, secret_store, monkeypatch):
    """A good and a bad value of a setting that lies in a secret, and how it is put and read."""
    name, setting, good, bad = request.param
    arn = secret_store.create_secret(Name=name, SecretString=good)["ARN"]
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(SECRET_VARIABLES[name], arn)

    def put(text):
        secret_store.put_secret_value(SecretId=arn, SecretString=text)

    def read(held):
        return getattr(held.settings, setting)

    return good, bad, put, read


def test_a_change_to_an_unusable_value_leaves_what_works_and_is_looked_at_again(
    changing, log_lines
):
    good, bad, put, read = changing
    hand = ClocksByHand()
    kept = FromEnvironment(Strict, clocks=hand.clocks)
    first = kept.get()
    put(bad)
    for looks in (1, 2):
        hand.pass_time(SECRET_MAX_AGE_SECONDS)
        assert kept.get() is first
        assert kept.get() is first
        assert len(log_lines()) == looks
    for line in log_lines():
        assert (line["level"], line["error_code"]) == ("ERROR", "setting_unusable")
        assert bad not in str(line)
    put(f"{good}2")
    hand.pass_time(SECRET_MAX_AGE_SECONDS)
    assert read(kept.get()) == (f"{good}2",)
    assert read(first) == (good,)


def test_a_secret_of_a_database_that_makes_no_login_leaves_the_one_that_works(rotation, log_lines):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    first = kept.get()
    rotation.put('{"username": "api"}')
    rotation.hand.pass_time(SECRET_MAX_AGE_SECONDS)
    assert kept.get() is first
    assert [line["error_code"] for line in log_lines()] == ["secret_unusable"]


def test_what_could_not_be_made_is_tried_again_at_the_next_use(rotation, monkeypatch):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    monkeypatch.setenv("DATABASE_SECRET_ARN", "arn:aws:secretsmanager:x:1:secret:gone")
    with pytest.raises(SecretUnreadable):
        kept.get()
    monkeypatch.setenv("DATABASE_SECRET_ARN", rotation.arn)
    assert kept.get().url == "first"


def test_what_was_closed_is_made_anew(rotation):
    kept = FromEnvironment(rotation.make, clocks=rotation.hand.clocks)
    first = kept.get()
    kept.close()
    kept.close()
    assert first.closed
    assert kept.get() is not first
