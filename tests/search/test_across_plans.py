"""What a question from one repository to another reads, of many names and uses."""

import pytest
from tests.search.conftest import Reader
from tests.search.plans import rows_read, snapshots

pytestmark = pytest.mark.usefixtures("new_tables")

# Each snapshot offers a package of 100 modules with 50 exports each, takes 600 names from another
# snapshot's, and uses each of them 20 times.
FIRST = (0, 0, 0, 0, 0)


@pytest.fixture
def joined(large: Reader) -> Reader:
    for table, row, last in (
        ("package_entries", "n, mod(n, 300), 'p', 's' || n", 99),
        ("package_exports", "n / 50, n, mod(n, 300), 1, 'e' || mod(n, 50)", 4_999),
        ("imported_names", "n, 'p', 's' || n / 50, 'e' || mod(n, 50)", 599),
    ):
        large.scratch.sql(
            f"INSERT INTO kotadb.{table} SELECT snapshot_id, {row}"
            f" FROM kotadb.snapshots, generate_series(0, {last}) AS n"
        )
    large.scratch.sql(
        "UPDATE kotadb.symbol_references SET symbol_no = NULL, imported_no = mod(line, 600)"
    )
    large.scratch.sql("ANALYZE")
    return large


@pytest.mark.usefixtures("postgres_17")
def test_a_module_of_a_package_is_found_by_its_names(joined):
    # Of each of three repositories: entry, snapshot, repository, files and two exports.
    asked = {"package": "p", "subpath": "s7", "names": ["e1", "e2"], "most": 20}
    assert rows_read(joined, "modules_of_package", **asked) <= 3 * 10 + 20


def test_whether_a_module_is_offered_at_all_is_one_look(joined):
    asked = {"packages": ["p", "p", "q"], "subpaths": ["s7", "gone", ""]}
    # Of the one that is: its entry, snapshot and repository, and what answers for that.
    assert rows_read(joined, "offered_modules", **asked) <= 4 + 6


def test_imported_names_are_found_by_number(joined):
    first, *_ = snapshots(joined)
    asked = {"snapshot_id": first, "imported_nos": [5, 500]}
    assert rows_read(joined, "imported_names_by_number", **asked) <= 2 + 6


def test_members_are_found_by_name(joined):
    first, *_ = snapshots(joined)
    joined.scratch.sql("UPDATE kotadb.symbols SET container_no = 1")
    asked = {"snapshot_id": first, "name": "n7", "containers": [1, 2], "most": 20}
    assert rows_read(joined, "members_of_symbols", **asked) <= 1 + 6


@pytest.mark.usefixtures("postgres_17")
def test_the_exported_names_of_a_symbol_are_found_by_its_number(joined):
    first, *_ = snapshots(joined)
    asked = {"snapshot_id": first, "symbol_nos": [77, 78], "most": 500}
    assert rows_read(joined, "exported_names_of_symbols", **asked) <= 4 + 6


def test_importers_are_found_by_the_names_they_take(joined):
    repository = joined.scratch.value(
        "SELECT repository_id FROM kotadb.snapshots WHERE tenant_id = %s"
        " ORDER BY snapshot_id LIMIT 1",
        joined.tenant_id,
    )
    nowhere = {"at_repository": None, "at_name": None, "at_snapshot": None}
    names = {"packages": ["p", "p"], "subpaths": ["s1", "s1"], "names": ["e1", "default.e1"]}
    read = rows_read(
        joined, "importers_of_names", repository_id=repository, most=2_000, **names, **nowhere
    )
    assert read <= 3 * 5 + 2 * 20


def test_a_page_of_uses_reads_a_page_of_each_importer(joined):
    here = snapshots(joined)
    read = rows_read(
        joined,
        "references_of_imported_names",
        snapshot_ids=here,
        imported_nos=[5, 6, 7],
        ranks=[0, 1, 2],
        kind=None,
        from_file=0,
        from_line=0,
        from_column=0,
        from_kind=0,
        skipped=0,
        page_size=10,
    )
    # Ten of each, and for those that are shown a file; nothing of the 12,000 others.
    assert read <= 3 * 10 + 10 * 2 + 6


def test_who_offers_a_package_is_found_by_its_name(joined):
    joined.scratch.sql("UPDATE kotadb.package_entries SET subpath = '' WHERE entry_no = 0")
    read = rows_read(joined, "repositories_offering", packages=["p", "q"], most=20)
    # Of each of three repositories one module; the snapshots and repositories are all looked at.
    assert read <= 3 + 3 * 6 + 3 * 6 + 6
