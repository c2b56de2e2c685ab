"""Whether the server is the right one, over both drivers, before a real Postgres."""

from contextlib import closing
from dataclasses import replace

import pytest
from tests.support.certificates import write_certificate
from tests.support.tls import tls_before

from indexer.database.connection import Database
from indexer.database.drivers import CertificatesUnreadable, tls_context
from indexer.database.failures import DatabaseUnavailable

BOTH = pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
ITS_NAME, ANOTHER_NAME = "localhost", "127.0.0.1"


@pytest.fixture
def reached(migrated_database, tmp_path):
    """Makes the target that leads to the server by TLS; its certificate is for `localhost`."""
    authorities = {
        "its own": write_certificate(tmp_path / "own.pem"),
        "another": write_certificate(tmp_path / "other.pem"),
        None: None,
    }
    with tls_before(migrated_database.api, authorities["its own"]) as port:

        def target(sslmode, host, authority):
            file = authorities[authority]
            return replace(
                migrated_database.api,
                host=host,
                port=port,
                sslmode=sslmode,
                sslrootcert=str(file) if file else None,
            )

        yield target


def answer(target, driver):
    with closing(Database(target, driver=driver)) as database:
        return database.fetch_one("database_answers")


@BOTH
@pytest.mark.parametrize(
    ("sslmode", "host", "authority"),
    [
        ("require", ITS_NAME, None),
        ("require", ANOTHER_NAME, None),
        ("require", ANOTHER_NAME, "its own"),
        ("verify-ca", ANOTHER_NAME, "its own"),
        ("verify-full", ITS_NAME, "its own"),
    ],
)
def test_a_server_is_connected_to_that_shows_what_is_asked_of_it(
    reached, driver, sslmode, host, authority
):
    assert answer(reached(sslmode, host, authority), driver) == {"answer": 1}


@pytest.mark.proves("Q6")
@BOTH
@pytest.mark.parametrize(
    ("sslmode", "host", "authority"),
    [
        ("verify-full", ANOTHER_NAME, "its own"),
        ("verify-full", ITS_NAME, "another"),
        ("verify-ca", ITS_NAME, "another"),
        # As libpq always did: given certificates, it looks.
        ("require", ITS_NAME, "another"),
    ],
)
def test_a_server_is_not_connected_to_that_does_not(reached, driver, sslmode, host, authority):
    with pytest.raises(DatabaseUnavailable):
        answer(reached(sslmode, host, authority), driver)


@BOTH
def test_no_server_is_talked_to_in_plain_text_instead(migrated_database, driver, tmp_path):
    with tls_before(migrated_database.api, write_certificate(tmp_path / "own.pem")) as port:
        plain = replace(migrated_database.api, port=port, sslmode="disable")
        with pytest.raises(DatabaseUnavailable):
            answer(plain, driver)


@BOTH
@pytest.mark.parametrize("held", [None, b"no certificate"])
def test_certificates_that_cannot_be_read_are_an_error_of_their_own(
    migrated_database, driver, tmp_path, held
):
    """libpq would call it a refused login, or a server that is away."""
    file = tmp_path / "hunter2.pem"
    if held:
        file.write_bytes(held)
    target = replace(migrated_database.api, sslmode="verify-full", sslrootcert=str(file))
    with pytest.raises(CertificatesUnreadable) as refused:
        answer(target, driver)
    assert "hunter2" not in str(refused.value)


def test_certificates_are_read_once_for_a_process(tmp_path):
    file = str(write_certificate(tmp_path / "own.pem"))
    assert tls_context("verify-full", file) is tls_context("verify-full", file)
    assert tls_context("verify-full", file) is not tls_context("verify-ca", file)
