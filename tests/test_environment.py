from dataclasses import dataclass, field

import pytest
from tests.support.clocks_by_hand import ClocksByHand

from indexer.environment import FromEnvironment
from indexer.secrets import SECRET_MAX_AGE_SECONDS, SecretUnreadable


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
