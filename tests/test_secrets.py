import json
import socket
import threading

import pytest

from indexer.database.target import Target
from indexer.secrets import (
    MOST_TRIES,
    SecretUnreadable,
    SecretUnusable,
    secrets_provider,
    with_secrets,
)

PLACE = {"DATABASE_HOST": "cluster.example", "DATABASE_PORT": "5433", "DATABASE_NAME": "kotadb"}


def test_a_named_secret_fills_its_setting(secret_store):
    arn = secret_store.create_secret(Name="api", SecretString="postgresql://u:p@db/k")["ARN"]
    filled = with_secrets({"DATABASE_SECRET_ARN": arn, "STAGE": "dev"})
    assert filled["DATABASE_URL"] == "postgresql://u:p@db/k"
    assert filled["STAGE"] == "dev"


def test_what_is_set_already_wins_and_no_secret_is_read():
    given = {"DATABASE_URL": "postgresql://u:p@localhost/k", "DATABASE_SECRET_ARN": "arn:none"}
    assert with_secrets(given) == given


@pytest.mark.usefixtures("secret_store")
def test_a_secret_that_cannot_be_read_is_an_error_that_names_its_variable():
    with pytest.raises(SecretUnreadable, match="API_KEY_PEPPER_SECRET_ARN"):
        with_secrets({"API_KEY_PEPPER_SECRET_ARN": "arn:aws:secretsmanager:x:1:secret:gone"})


@pytest.fixture
def silent_store(monkeypatch):
    """A store of secrets that takes every connection and never answers; the connections it took."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    secrets_provider.cache_clear()
    taken = []

    def take():
        while True:
            one = listening.accept()[0]
            if not one.recv(1):
                one.close()
                return
            taken.append(one)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv(
            "AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{listening.getsockname()[1]}"
        )
        taking = threading.Thread(target=take)
        taking.start()
        yield taken
        # One that says nothing ends the thread.
        socket.create_connection(listening.getsockname()).close()
        taking.join()
    for one in taken:
        one.close()
    secrets_provider.cache_clear()


def test_a_store_that_hangs_is_given_up_after_a_second_try(silent_store):
    with pytest.raises(SecretUnreadable):
        with_secrets({"DATABASE_SECRET_ARN": "arn:aws:secretsmanager:x:1:secret:a"})
    assert len(silent_store) == MOST_TRIES


def test_the_apps_key_and_its_webhook_secret_are_read_where_their_arns_say(secret_store):
    made = {
        name: secret_store.create_secret(Name=name, SecretString=text)["ARN"]
        for name, text in {"key": "-----BEGIN …", "webhooks": "w" * 32}.items()
    }
    filled = with_secrets(
        {
            "GITHUB_APP_PRIVATE_KEY_SECRET_ARN": made["key"],
            "GITHUB_WEBHOOK_SECRET_ARN": made["webhooks"],
        }
    )
    assert filled["GITHUB_APP_PRIVATE_KEY"] == "-----BEGIN …"
    assert filled["GITHUB_WEBHOOK_SECRET"] == "w" * 32


@pytest.mark.parametrize(
    ("held", "place", "expected"),
    [
        ({}, PLACE, ("cluster.example", 5433, "kotadb")),
        (
            {"host": "own.example", "port": 6000, "dbname": "mine"},
            PLACE,
            ("own.example", 6000, "mine"),
        ),
        ({"host": "own.example"}, {}, ("own.example", 5432, "postgres")),
    ],
)
def test_the_json_that_rds_keeps_is_a_connection_string(secret_store, held, place, expected):
    login = {"username": "kotadb", "password": "p@ss/w:rd?#%", "engine": "postgres"}
    arn = secret_store.create_secret(Name="rds", SecretString=json.dumps({**login, **held}))["ARN"]
    filled = with_secrets({"MIGRATION_DATABASE_SECRET_ARN": arn, **place})
    target = Target.parse(filled["MIGRATION_DATABASE_URL"])
    assert (target.host, target.port, target.dbname) == expected
    assert (target.user, target.password) == ("kotadb", login["password"])
    assert target.sslmode == "require"


BUNDLE = "/opt/python/certificates/bundle.pem"
VERIFIED = {"DATABASE_SSLMODE": "verify-full", "DATABASE_SSLROOTCERT": BUNDLE}


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ('{"username": "u", "password": "p?&#"}', VERIFIED, ("verify-full", BUNDLE)),
        ("postgresql://u:p%3F@db.example/k", VERIFIED, ("verify-full", BUNDLE)),
        ("postgresql://u:p@db.example/k?pgbouncer=true", VERIFIED, ("verify-full", BUNDLE)),
        ("postgresql://u:p@db.example/k?sslmode=verify-ca", VERIFIED, ("verify-ca", BUNDLE)),
        ("postgresql://u:p@db.example/k?sslrootcert=/a", VERIFIED, ("verify-full", "/a")),
        ("postgresql://u:p@db.example/k", {"DATABASE_SSLMODE": "require"}, ("require", None)),
        ("postgresql://u:p@db.example/k", {"DATABASE_SSLMODE": " "}, ("require", None)),
    ],
)
def test_what_a_secret_does_not_say_of_encryption_the_environment_does(
    secret_store, text, environment, expected
):
    arn = secret_store.create_secret(Name="login", SecretString=text)["ARN"]
    filled = with_secrets({"DATABASE_SECRET_ARN": arn, **PLACE, **environment})
    target = Target.from_environment(filled)
    assert (target.sslmode, target.sslrootcert) == expected
    assert target.password in {"p", "p?", "p?&#"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"username": "u", "password": "hunter2"}', "no host"),
        ('{"host": "h", "password": "hunter2"}', "no username"),
        ('{"password": "hunter2"', "no JSON"),
        ('{"username": 7, "password": "hunter2", "host": "h"}', "no username"),
    ],
)
def test_json_that_makes_no_connection_string_is_refused_and_not_repeated(secret_store, text, why):
    arn = secret_store.create_secret(Name="rds", SecretString=text)["ARN"]
    with pytest.raises(SecretUnusable, match=f"DATABASE_SECRET_ARN.*{why}") as refused:
        with_secrets({"DATABASE_SECRET_ARN": arn})
    assert "hunter2" not in str(refused.value)
