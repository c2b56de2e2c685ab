"""The commands of whoever runs the service, each on the database itself."""

import json

import pytest
from typer.testing import CliRunner

from kotadb_local.cli.main import app


@pytest.fixture
def say(tmp_path, empty_database, monkeypatch):
    """Runs a command in this process: there are many, and a process takes a second to begin."""
    target = empty_database.admin
    url = f"postgresql://{target.user}:{target.password}@{target.host}:{target.port}"
    monkeypatch.setenv("DATABASE_URL", f"{url}/{target.dbname}")
    monkeypatch.setenv("KOTADB_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KOTADB_ENV_FILE", str(tmp_path / "person.env"))
    monkeypatch.delenv("ADMIN_API_KEY", raising=False)
    runner = CliRunner()
    yield lambda *words: runner.invoke(app, words)
    vault = tmp_path / "state" / "logins.json"
    for login, _password in json.loads(vault.read_text()).values():
        empty_database.sql(f"DROP OWNED BY {login}")
        empty_database.sql(f"DROP ROLE {login}")


def answer(say, *words):
    done = say(*words)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_day_of_an_operator(say):
    assert "made" in answer(say, "user", "create", "ada@example.com", "--tier", "solo")
    assert "known" in answer(say, "user", "create", "Ada@example.com")
    answer(say, "org", "create", "engines", "--owner", "ada@example.com")
    answer(say, "user", "create", "bob@example.com")
    shown = answer(say, "org", "add-member", "engines", "bob@example.com", "--role", "admin")
    assert "admin  bob@example.com" in shown
    last = say("org", "remove-member", "engines", "ada@example.com")
    assert last.exit_code == 1
    assert "--role owner makes another one" in last.stderr
    answer(say, "org", "remove-member", "engines", "bob@example.com")
    key = answer(say, "key", "create", "--organization", "engines", "--valid-days", "3").strip()
    listed = answer(say, "key", "list", "--organization", "engines")
    key_id = listed.split()[0]
    assert key_id in key
    assert key not in listed
    assert "ends " in listed
    answer(say, "key", "revoke", key_id)
    assert "revoked " in answer(say, "key", "list", "--organization", "engines")
    assert "ada@example.com" in answer(say, "user", "list")
    assert "owner  ada@example.com" in answer(say, "org", "list")
    told = answer(say, "audit")
    assert [line.split()[2] for line in told.splitlines()[:2]] == ["revoke_key", "create_key"]
    assert "command line" in told
    assert key not in told


def test_failed_jobs_of_the_seed_are_listed_and_retried(say):
    first = answer(say, "seed")
    assert [line.split("@")[0] for line in first.splitlines()] == ["free", "solo", "team"]
    again = say("seed")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "already" in again.stderr
    failed = [line.split()[0] for line in answer(say, "failed").splitlines()]
    assert len(failed) == 2
    dry = say("retry", "--all", "--error-code", "ref_not_found", "--dry-run")
    (meant,) = [line.split()[0] for line in dry.stdout.splitlines()]
    assert dry.stderr == "1 job\n"
    assert meant in failed
    assert "Job requeued for retry" in answer(say, "retry", meant)
    assert "Only a job that failed" in say("retry", meant).stderr
    assert len(answer(say, "failed").splitlines()) == 1
    assert say("retry").exit_code == 2
    unknown = say("retry", "nonsense")
    assert "kotadb failed shows" in unknown.stderr
