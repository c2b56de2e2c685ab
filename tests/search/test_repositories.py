import pytest
from tests.search.indexed import Commit

from indexer.search import repositories
from indexer.search.repositories import RepositoryAmbiguous, RepositoryNotFound


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
