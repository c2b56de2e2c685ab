from dataclasses import dataclass, field

import pytest

from indexer.environment import FromEnvironment
from indexer.secrets import SECRET_MAX_AGE_SECONDS, SecretUnreadable, secrets_provider


@dataclass
class Held:
    url: str
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass
class Rotation:
    """An environment whose database URL lies in a secret, and its clock."""

    store: object
    arn: str
    made: list[Held] = field(default_factory=list)
    now: float = 0.0

    def put(self, text: str) -> None:
        self.store.put_secret_value(SecretId=self.arn, SecretString=text)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        # The reader has a clock of its own.
        secrets_provider().clear_cache()

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
    kept = FromEnvironment(rotation.make, clock=lambda: rotation.now)
    first = kept.get()
    rotation.put("second")
    rotation.pass_time(SECRET_MAX_AGE_SECONDS - 1)
    assert kept.get() is first
    rotation.pass_time(1)
    assert kept.get().url == "second"
    assert first.closed
    assert [held.closed for held in rotation.made] == [True, False]


def test_an_unchanged_secret_changes_nothing(rotation):
    kept = FromEnvironment(rotation.make, clock=lambda: rotation.now)
    first = kept.get()
    for _ in range(3):
        rotation.pass_time(SECRET_MAX_AGE_SECONDS)
        assert kept.get() is first
    assert len(rotation.made) == 1


def test_what_works_goes_on_working_while_the_secret_cannot_be_read(rotation, log_lines):
    kept = FromEnvironment(rotation.make, clock=lambda: rotation.now)
    first = kept.get()
    rotation.store.delete_secret(SecretId=rotation.arn, ForceDeleteWithoutRecovery=True)
    rotation.pass_time(SECRET_MAX_AGE_SECONDS)
    assert kept.get() is first
    assert not first.closed
    assert [line["error_code"] for line in log_lines()] == ["secret_unreadable"]


def test_what_could_not_be_made_is_tried_again_at_the_next_use(rotation, monkeypatch):
    kept = FromEnvironment(rotation.make, clock=lambda: rotation.now)
    monkeypatch.setenv("DATABASE_SECRET_ARN", "arn:aws:secretsmanager:x:1:secret:gone")
    with pytest.raises(SecretUnreadable):
        kept.get()
    monkeypatch.setenv("DATABASE_SECRET_ARN", rotation.arn)
    assert kept.get().url == "first"


def test_what_was_closed_is_made_anew(rotation):
    kept = FromEnvironment(rotation.make, clock=lambda: rotation.now)
    first = kept.get()
    kept.close()
    kept.close()
    assert first.closed
    assert kept.get() is not first
