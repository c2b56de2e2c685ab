"""Exports of a small repository, read as others read them."""

from contextlib import closing

import pytest
from tests.export.scip_schema import decode
from tests.search.indexed import index

from indexer.database.connection import Database
from indexer.export.ctags import export_ctags
from indexer.export.scip import export_scip
from indexer.export.snapshots import Account


@pytest.fixture
def ada(make_tenant):
    return make_tenant("ada@example.com")


@pytest.fixture
def export(migrated_database, ada):
    """Indexes a commit and gives what an exporter writes of it, with the account of it."""

    def parts(exporter, commit):
        index(migrated_database, ada, commit)
        account = Account()
        with (
            closing(Database(migrated_database.admin)) as database,
            database.transaction(read_only=True) as statements,
        ):
            return list(exporter(statements, "ada/engine", None, account=account)), account

    return parts


@pytest.fixture(scope="session")
def schema_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("schema")


@pytest.fixture
def scip(export, schema_folder):
    """The SCIP index of a commit, decoded, and the account of it."""

    def decoded(commit):
        parts, account = export(export_scip, commit)
        return decode(b"".join(parts), schema_folder), account

    return decoded


@pytest.fixture
def tags(export, tmp_path):
    """A tags file of a commit, and the account of it."""

    def written(commit):
        lines, account = export(export_ctags, commit)
        path = tmp_path / "tags"
        path.write_text("".join(f"{line}\n" for line in lines), newline="\n")
        return path, account

    return written
