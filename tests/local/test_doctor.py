"""`kotadb doctor` on an installation with one fault planted: it names the fault and the cure."""

import json
import os
import re
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.local.person import Person

from kotadb_local.checkup import machine
from kotadb_local.postgres import EmbeddedPostgres


@pytest.fixture
def settled(person):
    """A person who has started the service once."""
    person.up()
    person.stop()
    return person


def told(person: Person, *, healthy: bool = False, **variables) -> dict[str, dict[str, str | None]]:
    done = person.run("doctor", "--json", **variables)
    answer = json.loads(done.stdout)
    assert answer["healthy"] is healthy, answer
    assert done.returncode == (0 if healthy else 1), done.stderr
    assert all((one["mend"] is None) for one in answer["findings"]) is healthy
    return {one["check"]: one for one in answer["findings"]}


def test_a_new_installation_is_well_before_its_first_start(newcomer):
    assert told(newcomer, healthy=True)["schema"]["seen"].startswith("none yet")


def test_an_installation_that_was_started_is_well(settled):
    found = told(settled, healthy=True)
    assert found["API key"]["seen"] == "known to this database"
    assert found["admin key"]["seen"] == "there is one"
    assert found["login of kotadb_api"]["seen"] == "fit"


@pytest.mark.proves("Q6")
@pytest.mark.parametrize(
    ("url", "seen", "mend"),
    [
        ("mysql://a:b@localhost/c", "must begin with postgresql://", "mend DATABASE_URL"),
        ("postgresql://a:b@localhost", "one database name", "mend DATABASE_URL"),
        ("postgresql://a:b@127.0.0.1:1/c", "cannot be reached", "start the server"),
    ],
)
def test_a_url_that_leads_nowhere_is_named(person, url, seen, mend):
    found = told(person, DATABASE_URL=url)["database"]
    assert seen in found["seen"]
    assert mend in found["mend"]


@pytest.mark.proves("Q6")
def test_a_wrong_password_is_named_and_not_repeated(person, fresh_database):
    target = fresh_database.admin
    wrong = f"postgresql://{target.user}:wr0ng@{target.host}:{target.port}/{target.dbname}"
    done = person.run("doctor", DATABASE_URL=wrong)
    assert done.returncode == 1
    assert "refused the login" in done.stdout
    assert "put the right user, password" in done.stdout
    assert "wr0ng" not in done.stdout + done.stderr


def test_an_http_address_is_no_database():
    found = machine.url_of_the_database({"SUPABASE_URL": "https://abc.supabase.co"})
    assert "HTTP address" in found.seen
    assert "set DATABASE_URL" in found.mend
    assert machine.url_of_the_database({}) is None


def test_a_state_that_has_no_place_is_named(person, tmp_path):
    (tmp_path / "file").touch()
    found = told(person, DATABASE_URL="", KOTADB_HOME=str(tmp_path / "file" / "state"))
    assert "takes no files" in found["disk for the state"]["seen"]
    assert "no place for its data" in found["database"]["seen"]


def test_an_older_schema_wants_its_migrations(settled):
    settled.answer("migrate", "--down-to", "5", "--yes")
    found = told(settled)["schema"]
    assert re.fullmatch(r"lacks \d+ migrations", found["seen"])
    assert found["mend"] == "kotadb migrate"


def test_a_newer_schema_and_an_edited_migration_are_told_apart(settled, fresh_database):
    fresh_database.sql(
        "UPDATE kotadb.schema_migrations SET checksum = repeat('0', 64) WHERE version = 2"
    )
    assert "in another form" in told(settled)["schema"]["seen"]
    fresh_database.sql(
        "INSERT INTO kotadb.schema_migrations (version, name, checksum)"
        " VALUES (99, '0099_later', repeat('0', 64))"
    )
    found = told(settled)["schema"]
    assert "newer release: 0099_later" in found["seen"]
    assert "the release that made it" in found["mend"]


def test_a_login_that_could_see_too_much_is_named(settled, fresh_database):
    login, _ = settled.logins()["kotadb_api"]
    fresh_database.sql(f"ALTER ROLE {login} BYPASSRLS")
    found = told(settled)["login of kotadb_api"]
    assert "bypasses row-level security" in found["seen"]
    assert f"ALTER ROLE {login} NOSUPERUSER NOBYPASSRLS" in found["mend"]


def test_a_login_that_lost_a_time_out_is_named_and_what_to_run_mends_it(tmp_path):
    """On a server of its own, since logins are of the whole server."""
    state = tmp_path / "state"
    state.mkdir()
    with EmbeddedPostgres(state, durable=False).session() as server:
        person = Person(
            state,
            {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(sys.path),
                "KOTADB_HOME": str(state),
                "KOTADB_ENV_FILE": str(tmp_path / "person.env"),
                "DATABASE_URL": server.url,
            },
        )
        assert told(person, healthy=True)["time-outs"]["seen"] == "no login lacks one"
        person.answer("migrate")
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            (name,) = connection.execute("SELECT quote_ident(current_database())").fetchone()
            for statement in (
                "CREATE ROLE kotadb_api_a LOGIN IN ROLE kotadb_api",
                "ALTER ROLE kotadb_api_a SET statement_timeout = '4500'",
                "ALTER ROLE kotadb_api_a SET lock_timeout = '2min'",
                'CREATE ROLE "Worker" LOGIN IN ROLE kotadb_worker',
                "ALTER ROLE \"Worker\" SET statement_timeout = '15min'",
                "ALTER ROLE \"Worker\" SET lock_timeout = '30s'",
                f"ALTER ROLE \"Worker\" IN DATABASE {name} SET lock_timeout = '0'",
                f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '20s'",
                "CREATE ROLE operator LOGIN CREATEROLE IN ROLE kotadb_admin",
            ):
                connection.execute(statement)
            found = told(person)["time-outs"]
            assert found["seen"] == "missing or too long: Worker, kotadb_api_a"
            *statements, hint = found["mend"].split("; ")
            assert statements == [
                f"ALTER ROLE \"Worker\" IN DATABASE {name} SET lock_timeout = '30s'",
                "ALTER ROLE kotadb_api_a SET lock_timeout = '2s'",
                "ALTER ROLE kotadb_api_a SET idle_in_transaction_session_timeout = '10s'",
            ]
            assert "afterwards" in hint
            for statement in statements:
                connection.execute(statement)
        told(person, healthy=True)
    EmbeddedPostgres(state).forget()


def test_a_login_whose_password_was_changed_is_named_and_mended_by_a_start(settled, fresh_database):
    login, _ = settled.logins()["kotadb_worker"]
    fresh_database.sql(f"ALTER ROLE {login} PASSWORD 'another'")
    assert "kotadb up" in told(settled)["login of kotadb_worker"]["mend"]
    settled.log.unlink()
    settled.up()
    assert settled.stop() == 0
    told(settled, healthy=True)


def test_a_key_of_another_database_is_named(settled):
    file = settled.env_file()
    lines = [
        "KOTADB_API_KEY=kota_team_AAAAAAAAAAAA_" + "s" * 32
        if line.startswith("KOTADB_API_KEY=")
        else line
        for line in file.read_text().splitlines()
    ]
    file.write_text("\n".join(lines))
    assert "take the line KOTADB_API_KEY out" in told(settled)["API key"]["mend"]


def test_a_revoked_key_is_named_where_it_stands_and_blames_no_service(settled):
    settled.log.unlink()
    settled.up()
    key = settled.env()["KOTADB_API_KEY"]
    settled.answer("key", "revoke", key.split("_")[2])
    refused = settled.run("symbols", "x")
    assert "revoked" in refused.stderr
    assert "kotadb doctor" in refused.stderr
    found = told(settled)
    assert str(settled.env_file()) in found["API key"]["seen"]
    assert "revoked" in found["API key"]["seen"]
    assert found["service"]["mend"] is None
    file = settled.env_file()
    file.write_text(
        "".join(
            f"{name}={value}\n" for name, value in settled.env().items() if name != "KOTADB_API_KEY"
        )
    )
    found = told(settled)["API key"]
    assert "beside the data" in found["seen"]
    assert "start kotadb up anew" in found["mend"]


def test_a_replaced_key_is_named_while_it_still_opens_and_the_kept_one_takes_its_place(settled):
    settled.log.unlink()
    settled.up()
    old = settled.env()["KOTADB_API_KEY"]
    new = settled.answer("key", "rotate").strip()
    found = told(settled)["API key"]
    assert re.search(r"was replaced and ends at \d{4}-\d\d-\d\d \d\d:\d\d", found["seen"])
    assert str(settled.env_file()) in found["seen"]
    assert "take the line KOTADB_API_KEY out" in found["mend"]
    assert old not in str(found)
    assert new not in str(found)
    assert settled.stop() == 0
    file = settled.env_file()
    file.write_text(file.read_text().replace(f"KOTADB_API_KEY={old}\n", ""))
    settled.log.unlink()
    settled.up()
    assert settled.env()["KOTADB_API_KEY"] == new
    told(settled, healthy=True)


def test_a_key_that_was_replaced_elsewhere_is_named_with_where_the_new_one_goes(settled):
    settled.log.unlink()
    settled.up()
    written = settled.env()
    rotated = httpx.post(
        written["KOTADB_URL"] + "/keys/rotate",
        headers={"Authorization": f"Bearer {written['KOTADB_API_KEY']}"},
        json={"overlap_seconds": 600},
    )
    assert rotated.status_code == 201, rotated.text
    found = told(settled)["API key"]
    assert "was replaced and ends at" in found["seen"]
    assert f"into {settled.env_file()} as KOTADB_API_KEY" in found["mend"]


def test_a_missing_admin_key_is_named(settled):
    file = settled.env_file()
    lines = file.read_text().splitlines()
    file.write_text("\n".join(one for one in lines if "ADMIN" not in one))
    (settled.home / "admin-key").unlink()
    found = told(settled)
    assert "the administration is closed" in found["admin key"]["seen"]
    assert "KOTADB_ADMIN_KEY" in found[".env"]["seen"]


def test_two_different_admin_keys_are_named(settled):
    found = told(settled, ADMIN_API_KEY="another-admin-key-of-many-characters-1234")
    assert "another than that of .env" in found["admin key"]["seen"]


def test_a_setting_that_cannot_be_read_is_named(person):
    found = told(person, RETRY_LIMIT="many")
    assert "RETRY_LIMIT" in found["settings"]["seen"]
    assert found["schema"]["mend"] is None


def test_a_port_that_another_program_took_is_named(settled):
    port = int(settled.env()["KOTADB_URL"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        found = told(settled)["port"]
    assert f"Port {port}" in found["seen"]
    assert "KOTADB_URL" in found["mend"]


def test_no_git_is_named(person, tmp_path):
    assert "install git" in told(person, PATH=str(tmp_path))["git"]["mend"]


def test_a_folder_that_takes_no_files_is_named(person, tmp_path):
    found = told(person, WORK_DIRECTORY="/dev/null")
    assert "takes no files" in found["disk for the work"]["seen"]
    assert "WORK_DIRECTORY" in found["disk for the work"]["mend"]
    assert "free at least" in machine.disk(tmp_path, purpose="state", least_free=1 << 60).mend


def test_another_python_is_named():
    assert "3.11, 3.12 or 3.13" in machine.python((3, 10, 9)).mend
    assert machine.python((3, 14, 0)).mend
    assert machine.python(sys.version_info[:3]).is_well


def test_roles_that_a_restored_dump_does_not_bring_are_named(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    with EmbeddedPostgres(state, durable=False).session() as server:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "KOTADB_HOME": str(state),
            "KOTADB_ENV_FILE": str(tmp_path / "person.env"),
            "DATABASE_URL": server.url,
        }
        person = Person(state, environment)
        person.answer("migrate")
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            connection.execute("DROP OWNED BY kotadb_api")
            connection.execute("DROP ROLE kotadb_api")
        found = told(person)["roles"]
    assert found["seen"] == "missing: kotadb_api"
    assert "in no dump" in found["mend"]
    EmbeddedPostgres(state).forget()


@pytest.fixture
def embedding(tmp_path):
    """A person whose database is the embedded one."""
    home = tmp_path / "state"
    one = Person(
        home,
        {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "KOTADB_HOME": str(home),
            "KOTADB_ENV_FILE": str(tmp_path / "person.env"),
            "WORK_DIRECTORY": str(tmp_path),
        },
    )
    try:
        yield one
    finally:
        one.stop()
        EmbeddedPostgres(home).forget()


def data_of(person: Person) -> Path:
    """Where the data of an embedded server lies, as it says itself."""
    with (
        EmbeddedPostgres(person.home).session() as server,
        closing(psycopg.connect(server.url)) as connection,
    ):
        (data,) = connection.execute("SHOW data_directory").fetchone()
        return Path(data)


def kill_the_server_of(person: Person) -> None:
    pid = (data_of(person) / "postmaster.pid").read_text().splitlines()[0]
    os.kill(int(pid), signal.SIGKILL)


def test_an_embedded_database_that_ended_below_its_service_is_named_and_left_as_it_is(embedding):
    embedding.up()
    told(embedding, healthy=True)
    kill_the_server_of(embedding)
    for _look in range(2):
        found = told(embedding)
        assert "ended while the service runs" in found["database"]["seen"]
        assert "kotadb up" in found["database"]["mend"]
        (log,) = re.findall(r"/\S+/log\b", found["database"]["mend"])
        assert list(Path(log).glob("postgres-*.log"))
        assert "schema" not in found
        assert found["service"]["mend"]
    assert embedding.stop() == 0
    embedding.log.unlink()
    embedding.up()
    told(embedding, healthy=True)


def test_an_embedded_database_that_ended_below_another_command_is_named(embedding):
    with EmbeddedPostgres(embedding.home).session():
        kill_the_server_of(embedding)
        assert "another command uses it" in told(embedding)["database"]["seen"]


def test_an_embedded_database_that_cannot_start_is_named_with_its_log(embedding):
    data = data_of(embedding)
    version = data / "PG_VERSION"
    version.rename(data / "kept")
    found = told(embedding)["database"]
    assert "damaged" in found["seen"]
    (log,) = re.findall(r"/\S+/log\b", found["mend"])
    assert list(Path(log).glob("postgres-*.log"))
    (data / "kept").rename(version)
