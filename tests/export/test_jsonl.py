import json
from contextlib import closing

import pytest
from tests.search.indexed import Commit, index

from indexer.database.connection import Database
from indexer.export.jsonl import export_lines
from indexer.export.snapshots import NotIndexed, RepositoryAmbiguous


@pytest.fixture
def exported(migrated_database):
    """The paths of the files that an export names."""

    def paths(repository="ada/engine", ref=None):
        with (
            closing(Database(migrated_database.admin)) as database,
            database.transaction(read_only=True) as statements,
        ):
            lines = [json.loads(line) for line in export_lines(statements, repository, ref)]
        return [line["path"] for line in lines if line["t"] == "file"]

    return paths


def test_the_default_branch_is_exported_unless_a_ref_is_named(migrated_database, ada, exported):
    index(migrated_database, ada, Commit(("main.ts",)))
    index(migrated_database, ada, Commit(("v1.ts",)), ref="v1", default_ref=None)
    assert exported() == ["main.ts"]
    assert exported(ref="v1") == ["v1.ts"]
    with pytest.raises(NotIndexed):
        exported(ref="v2")


def test_a_repository_is_exported_by_its_name_or_url_in_any_case(migrated_database, ada, exported):
    index(migrated_database, ada, Commit(("main.ts",)), name="Ada/Engine")
    index(migrated_database, ada, Commit(("r1.ts",)), name="local/r1", url="/srv/r1")
    for named in ("Ada/Engine", "ada/engine", "https://github.com/ada/ENGINE.git"):
        assert exported(named) == ["main.ts"]
    assert exported("local/r1") == exported("/srv/r1") == ["r1.ts"]
    for named in ("local/R1", "/srv/R1", "ada/engin"):
        with pytest.raises(NotIndexed):
            exported(named)


def test_where_no_default_branch_is_known_the_newest_snapshot_is_exported(
    migrated_database, ada, exported
):
    index(migrated_database, ada, Commit(("old.ts",)), ref="v1", default_ref=None)
    repository_id = index(migrated_database, ada, Commit(("new.ts",)), ref="HEAD", default_ref=None)
    for name in ("ada/engine", str(repository_id), "https://github.com/ada/engine.git"):
        assert exported(name) == ["new.ts"]


def test_a_name_of_two_tenants_is_exported_by_id_only(
    migrated_database, ada, make_tenant, exported
):
    mine = index(migrated_database, ada, Commit(("mine.ts",)))
    index(migrated_database, make_tenant("eve@example.com"), Commit(("hers.ts",)))
    with pytest.raises(RepositoryAmbiguous):
        exported()
    assert exported(str(mine)) == ["mine.ts"]
