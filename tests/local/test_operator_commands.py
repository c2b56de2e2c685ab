"""The commands of whoever runs the service, each on the database itself."""

import json

import pytest
from typer.testing import CliRunner

from kotadb_local.cli.main import app


@pytest.fixture
def say(tmp_path, fresh_database, monkeypatch):
    """Runs a command in this process: there are many, and a process takes a second to begin."""
    target = fresh_database.admin
    url = f"postgresql://{target.user}:{target.password}@{target.host}:{target.port}"
    monkeypatch.setenv("DATABASE_URL", f"{url}/{target.dbname}")
    monkeypatch.setenv("KOTADB_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KOTADB_ENV_FILE", str(tmp_path / "person.env"))
    monkeypatch.delenv("ADMIN_API_KEY", raising=False)
    runner = CliRunner()
    yield lambda *words: runner.invoke(app, words)
    vault = tmp_path / "state" / "logins.json"
    for login, _password in json.loads(vault.read_text()).values():
        fresh_database.sql(f"DROP OWNED BY {login}")
        fresh_database.sql(f"DROP ROLE {login}")


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


@pytest.mark.parametrize("words", [("user", "list"), ("org", "list"), ("audit",)])
def test_a_list_that_goes_on_says_so(say, words):
    for name in ("ada", "bob"):
        answer(say, "user", "create", f"{name}@example.com")
        answer(say, "org", "create", name)
    every = json.loads(answer(say, *words, "--limit", "100", "--json"))
    assert len(every) > 1
    whole = say(*words, "--limit", str(len(every)))
    assert (len(whole.stdout.splitlines()), whole.stderr) == (len(every), "")
    most = len(every) - 1
    more = f"there are more; --limit {2 * most} shows them\n"
    cut = say(*words, "--limit", str(most))
    assert (len(cut.stdout.splitlines()), cut.stderr) == (most, more)
    cut = say(*words, "--limit", str(most), "--json")
    assert (json.loads(cut.stdout), cut.stderr) == (every[:most], more)


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


def test_an_installation_of_the_app_is_given_and_taken_back(say, fresh_database):
    answer(say, "user", "create", "ada@example.com")
    answer(say, "org", "create", "engines")
    assert "no such installation" in say("installation", "list").stderr
    fresh_database.sql("SELECT kotadb.note_installation(77, 1, 'ada', 'active', true)")
    (line,) = answer(say, "installation", "list").splitlines()
    assert line == "77  ada  active  all repositories  nobody's"
    assert "ada@example.com  since " in answer(say, "installation", "link", "77", "ada@example.com")
    again = answer(say, "installation", "link", "77", "ada@example.com")
    assert again.rstrip().endswith("as before")
    other = say("installation", "link", "77", "--organization", "engines")
    assert other.exit_code == 1
    assert "kotadb installation unlink takes it back" in other.stderr
    assert answer(say, "installation", "list", "--unlinked", "--account", "ada") == ""
    assert "nobody's" in answer(say, "installation", "unlink", "77")
    assert "engines" in answer(say, "installation", "link", "77", "--organization", "engines")
    (shown,) = json.loads(answer(say, "installation", "list", "--linked", "--json"))
    assert (shown["installation_id"], shown["tenant"]) == (77, "engines")
    assert say("installation", "link", "77").exit_code == 1
    unknown = say("installation", "unlink", "78")
    assert "kotadb installation list shows the ids" in unknown.stderr
    told = [row.split()[2] for row in answer(say, "audit").splitlines()]
    assert told[:3] == ["link_installation", "unlink_installation", "link_installation"]


def test_the_queue_is_watched_and_ordered_about(say):
    answer(say, "seed")
    shown = answer(say, "queue")
    assert "waiting: 0 (0 ready, 0 waiting, 0 delayed)" in shown
    assert "leasing: on" in shown
    assert "slots: 3, of one tenant at most 3" in shown
    assert "ended in the last day: 2 completed, 2 failed" in shown
    (hangs,) = answer(say, "queue", "running").splitlines()
    assert "kotadb-seed/notes  parse  46/140 files  run 1" in hangs
    assert "lease ends in " in hangs
    groups = answer(say, "queue", "failures").splitlines()
    assert {line.split("  ")[0] for line in groups} == {"ref_not_found", "remote_unavailable"}
    assert {line.split("  ")[1] for line in groups} == {"1 job"}
    assert say("queue", "failures", "--hours", "1").stdout == ""
    listed = answer(say, "queue", "jobs", "--status", "processing")
    job = listed.split()[0]
    assert job == hangs.split()[0]
    assert len(answer(say, "queue", "jobs", "--limit", "5").splitlines()) == 5
    assert "Only a job that waits" in say("queue", "prioritise", job, "--priority", "-5").stderr
    assert f"{job}  cancelled" in answer(say, "queue", "cancel", job)
    assert say("queue", "cancel", job).exit_code == 1
    assert say("queue", "prioritise", job, "--priority", "101").exit_code == 1
    assert "paused by an operator" in answer(say, "queue", "pause")
    assert "leasing: stopped since" in answer(say, "queue")
    assert answer(say, "queue", "resume").strip() == "on"
    retried = answer(say, "failed").split()[0]
    answer(say, "retry", retried)
    assert "priority -5" in answer(say, "queue", "prioritise", retried, "--priority", "-5")
    told = [line.split()[2] for line in answer(say, "audit").splitlines()]
    assert told[:5] == [
        "prioritise_job",
        "retry_job",
        "resume_leasing",
        "pause_leasing",
        "cancel_job",
    ]
    assert json.loads(answer(say, "queue", "--json"))["leasing"]["paused"] is False
    assert json.loads(answer(say, "queue", "running", "--json")) == []
