import pytest
from tests.search.indexed import Commit

from indexer.search import repositories
from indexer.search.repositories import RepositoryAmbiguous, RepositoryNotFound, snapshot_of


def listed(reader, **how) -> list[str]:
    page = repositories.page(reader.database, tenant_id=reader.tenant_id, **how)
    return [one.full_name for one in page.items]


def test_a_repository_is_listed_with_every_ref_that_is_indexed(ada):
    ada.index(Commit(("a.ts",)))
    ada.index(Commit(("a.ts",)), ref="v1", default_ref=None, commit_sha="c" * 40)
    (one,) = repositories.page(ada.database, tenant_id=ada.tenant_id).items
    assert (one.full_name, one.default_ref) == ("ada/engine", "main")
    assert [(each.ref, each.commit_sha) for each in one.snapshots] == [
        ("main", "a" * 40),
        ("v1", "c" * 40),
    ]


def test_the_age_of_a_snapshot_grows(ada):
    ada.index(Commit(("a.ts",)))
    ada.scratch.sql("UPDATE kotadb.snapshots SET indexed_at = indexed_at - interval '1 hour'")
    (one,) = repositories.page(ada.database, tenant_id=ada.tenant_id).items
    assert 3600 <= one.snapshots[0].age_seconds < 3660


def test_pages_of_repositories_are_in_the_order_of_names(ada):
    for name in ("ada/b", "ada/a", "zoe/a", "ada/c"):
        ada.index(Commit(("a.ts",)), name=name)
    first = repositories.page(ada.database, tenant_id=ada.tenant_id, limit=3)
    assert [one.full_name for one in first.items] == ["ada/a", "ada/b", "ada/c"]
    assert listed(ada, cursor=first.next_cursor, limit=3) == ["zoe/a"]


def test_a_tenant_lists_its_own_repositories_only(ada, eve):
    ada.index(Commit(("a.ts",)))
    eve.index(Commit(("a.ts",)), name="eve/own")
    assert (listed(ada), listed(eve)) == (["ada/engine"], ["eve/own"])


def test_a_repository_is_found_by_id_and_by_name(ada, eve):
    repository_id = ada.index(Commit(("a.ts",)))

    def found(reader, name):
        return repositories.repository_id_of(reader.database, name, tenant_id=reader.tenant_id)

    for name in ("ada/engine", str(repository_id), str(repository_id).upper()):
        assert found(ada, name) == repository_id
        with pytest.raises(RepositoryNotFound):
            found(eve, name)


def named(reader, name):
    return repositories.repository_id_of(reader.database, name, tenant_id=reader.tenant_id)


def test_a_name_leads_to_its_repository_in_whichever_case_it_is_written(ada, eve):
    repository_id = ada.index(Commit(("a.ts",)), name="Ada/Engine")
    for name in ("Ada/Engine", "ada/engine", "ADA/ENGINE"):
        assert named(ada, name) == repository_id
        with pytest.raises(RepositoryNotFound):
            named(eve, name)
    with ada.database.transaction(principal=ada.tenant_id, read_only=True) as statements:
        assert snapshot_of(statements, "aDA/eNGINE", ref=None).repository == "Ada/Engine"


@pytest.mark.parametrize("other", ["Local/R1", "local/R1", "local/r"])
def test_the_case_of_a_local_repository_counts(ada, other):
    repository_id = ada.index(Commit(("a.ts",)), name="local/r1", url="/srv/r1")
    assert named(ada, "local/r1") == repository_id
    with pytest.raises(RepositoryNotFound):
        named(ada, other)


def test_a_name_as_it_is_shown_means_what_it_is_shown_for(ada):
    here = ada.index(Commit(("a.ts",)), name="Ada/Engine")
    there = ada.index(
        Commit(("a.ts",)), name="ada/engine", url="https://git.example.com/ada/engine.git"
    )
    assert (named(ada, "Ada/Engine"), named(ada, "ada/engine")) == (here, there)
    with pytest.raises(RepositoryAmbiguous):
        named(ada, "ADA/ENGINE")


def test_a_deleted_repository_is_found_by_no_spelling(ada):
    repositories.delete(
        ada.database, str(ada.index(Commit(("a.ts",)), name="Ada/Engine")), tenant_id=ada.tenant_id
    )
    for name in ("Ada/Engine", "ada/engine"):
        with pytest.raises(RepositoryNotFound):
            named(ada, name)


def test_a_list_goes_on_under_another_spelling(ada):
    repository_id = ada.index(Commit(("a.ts",)), name="Ada/Engine")
    number = ada.scratch.value("SELECT snapshot_id FROM kotadb.snapshots")
    with ada.database.transaction(principal=ada.tenant_id, read_only=True) as statements:
        for name in ("Ada/Engine", "ada/engine", str(repository_id)):
            assert snapshot_of(statements, name, ref=None, at=number).snapshot_id == number
        with pytest.raises(RepositoryNotFound):
            snapshot_of(statements, "ada/other", ref=None, at=number)


FETCHED = (
    "SELECT sum(pg_stat_get_xact_blocks_fetched(relations.oid)) FROM pg_class AS relations "
    "WHERE relations.relnamespace = 'kotadb'::regnamespace"
)


def test_a_name_is_found_without_reading_every_repository_of_the_tenant(ada):
    """Under the policies no index serves lower(), so the look-up is past them."""
    wanted = ada.index(Commit(("a.ts",)), name="Ada/Engine")
    ada.scratch.sql(
        "INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name) "
        "SELECT %s, 'https://github.com/ada/' || n || '.git', 'ada/' || n "
        "FROM generate_series(1, 3000) AS n",
        ada.tenant_id,
    )
    ada.scratch.sql("VACUUM ANALYZE kotadb.repositories")
    with ada.database.transaction(principal=ada.tenant_id, read_only=True) as statements:
        read = []
        for _ in range(2):
            ((blocks,),) = statements._driver.script(FETCHED).rows
            assert snapshot_of(statements, "ada/engine", ref=None).repository_id == wanted
            ((after,),) = statements._driver.script(FETCHED).rows
            read.append(int(after) - int(blocks))
    assert min(read) < 50


def test_a_name_that_two_hosts_share_must_be_told_apart_by_id(ada):
    repository_id = ada.index(Commit(("a.ts",)))
    ada.scratch.sql(
        "INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name) "
        "VALUES (%s, 'https://git.example.com/ada/engine.git', 'ada/engine')",
        ada.tenant_id,
    )
    with pytest.raises(RepositoryAmbiguous):
        repositories.repository_id_of(ada.database, "ada/engine", tenant_id=ada.tenant_id)
    assert (
        repositories.repository_id_of(ada.database, str(repository_id), tenant_id=ada.tenant_id)
        == repository_id
    )
