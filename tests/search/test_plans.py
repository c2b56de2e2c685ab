"""What a question reads is part of its contract: a wrong plan gives the same answer, late."""

import json

import pytest
from tests.search.conftest import Reader

from indexer.database.connection import Statements
from indexer.database.drivers import PsycopgDriver
from indexer.database.queries import named_queries
from indexer.search.ranges import starting_with

SYMBOLS_EACH = 6_000
USES_EACH = 12_000


@pytest.fixture
def large(ada: Reader, eve: Reader) -> Reader:
    """Six repositories of two tenants, most symbols with the same first letter, one used often."""
    for reader in (ada, eve):
        reader.scratch.sql(
            "WITH places AS ("
            "  INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name, default_ref)"
            "  SELECT %s, 'u' || n, 'o/r' || n, 'main' FROM generate_series(1, 3) AS n"
            "  RETURNING tenant_id, repository_id"
            ") INSERT INTO kotadb.snapshots"
            "  (tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats)"
            "  SELECT tenant_id, repository_id, 'main', repeat('a', 40), 1, gen_random_uuid(),"
            "  'current', '{}' FROM places",
            reader.tenant_id,
        )
    ada.scratch.sql(
        "INSERT INTO kotadb.files SELECT snapshot_id, n, 'src/' || lpad(n::text, 4, '0'),"
        " decode(repeat('00', 20), 'hex'), 1, 1, 0, NULL"
        " FROM kotadb.snapshots, generate_series(0, 299) AS n"
    )
    ada.scratch.sql(
        "INSERT INTO kotadb.symbols SELECT snapshot_id, n, n / 20, NULL, 1, 1, 1, 0, 1, 0, 0, 0,"
        f" 'n' || mod(n * 7919, {SYMBOLS_EACH}), NULL, NULL"
        f" FROM kotadb.snapshots, generate_series(0, {SYMBOLS_EACH - 1}) AS n"
    )
    ada.scratch.sql(
        "INSERT INTO kotadb.symbol_references"
        " SELECT snapshot_id, n / 40, n, CASE WHEN n < 3000 THEN 0 ELSE n END, n, 0, 1,"
        " 1, 1, 1, 'x'"
        f" FROM kotadb.snapshots, generate_series(0, {USES_EACH - 1}) AS n"
    )
    ada.scratch.sql(
        "INSERT INTO kotadb.file_texts SELECT snapshot_id, file_no, repeat(path, 100)"
        " FROM kotadb.files"
    )
    ada.scratch.sql("ANALYZE")
    return ada


def rows_read(reader: Reader, name: str, **parameters: object) -> int:
    """The rows that all scans of a query's plan gave or threw away, as the API's role."""
    driver = PsycopgDriver(reader.scratch.api, connect_seconds=5, application="tests")
    try:
        driver.script(f"BEGIN; SET LOCAL app.user_id = '{reader.tenant_id}'")
        cursor = driver._connection.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {named_queries()[name].text}", parameters
        )
        (plan,) = cursor.fetchone()
        assert Statements(driver).fetch_all(name, **parameters)
    finally:
        driver.close()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return sum(_scanned(plan[0]["Plan"]))


def _scanned(node):
    if "Relation Name" in node:
        thrown = node.get("Rows Removed by Filter", 0) + node.get(
            "Rows Removed by Index Recheck", 0
        )
        yield (node["Actual Rows"] + thrown) * node["Actual Loops"]
    for child in node.get("Plans", ()):
        yield from _scanned(child)


def snapshots(reader: Reader) -> list[int]:
    rows = reader.scratch.sql(
        "SELECT snapshot_id FROM kotadb.snapshots WHERE tenant_id = %s ORDER BY 1",
        reader.tenant_id,
    )
    return [row["snapshot_id"] for row in rows]


NO_PATH = {"path_from": None, "path_below": None}
FIRST_PAGE = {"after_name": None, "after_snapshot": None, "after_symbol": None}


def test_a_one_letter_prefix_over_many_repositories_reads_pages_and_not_repositories(large):
    names = starting_with("n")
    read = rows_read(
        large,
        "symbols_by_name",
        snapshot_ids=snapshots(large),
        name_from=names.start,
        name_below=names.below,
        kind=None,
        page_size=51,
        **NO_PATH,
        **FIRST_PAGE,
    )
    assert read < 1_000


def test_the_first_uses_of_a_popular_symbol_are_read_without_the_others(large):
    read = rows_read(
        large,
        "references_of_symbol",
        snapshot_id=snapshots(large)[0],
        symbol_no=0,
        kind=None,
        from_file=0,
        from_line=0,
        from_column=0,
        from_kind=0,
        skipped=0,
        page_size=51,
    )
    assert read < 500


def test_what_stands_at_a_place_is_read_without_the_rest_of_its_file(large):
    here = {"snapshot_id": snapshots(large)[0], "file_no": 100, "column_no": 9, "most": 100}
    assert rows_read(large, "uses_at", line=4_000, **here) < 20
    # All symbols of a file of these stand on its first line.
    assert rows_read(large, "symbols_at", line=1, **here) < 60
    numbers = [1, 100, 2_000]
    read = rows_read(
        large, "symbols_by_number", snapshot_id=here["snapshot_id"], symbol_nos=numbers
    )
    assert read < 40


def test_a_later_page_of_a_repository_costs_what_the_first_does(large):
    def page(after_file, after_symbol):
        return rows_read(
            large,
            "symbols_in_order",
            snapshot_id=snapshots(large)[0],
            kind=None,
            first_file=after_file or 0,
            last_file=2**31 - 1,
            after_file=after_file,
            after_symbol=after_symbol,
            page_size=51,
        )

    assert page(None, None) < 500
    assert page(250, 5_010) < 500


def test_a_later_page_of_files_costs_what_the_first_does(large):
    def page(first_file):
        return rows_read(
            large,
            "files_page",
            snapshot_id=snapshots(large)[0],
            first_file=first_file,
            last_file=2**31 - 1,
            endings=None,
            page_size=51,
        )

    assert page(0) < 100
    assert page(240) < 100


def test_one_text_is_read_without_the_others(large):
    snapshot = snapshots(large)[0]
    assert rows_read(large, "file_with_text", snapshot_id=snapshot, path="src/0150") < 20


def test_an_outline_reads_its_file_and_what_stands_around(large):
    snapshot = snapshots(large)[0]
    read = rows_read(
        large,
        "symbols_in_order",
        snapshot_id=snapshot,
        kind=None,
        first_file=150,
        last_file=150,
        after_file=None,
        after_symbol=None,
        page_size=101,
    )
    assert read < 200
    large.scratch.sql(
        "UPDATE kotadb.symbols SET container_no = symbol_no - 1 WHERE mod(symbol_no, 20) > 0"
    )
    wanted = list(range(3_000, 3_020))
    read = rows_read(
        large, "depths_of_symbols", snapshot_id=snapshot, symbol_nos=wanted, deepest=50
    )
    # Each climbs to the outermost: 0 to 19 steps.
    assert read < 400


def test_the_first_callers_of_a_popular_symbol_are_read_without_the_others(large):
    # One file holds 40 of its 3,000 uses, each in a definition of its own.
    def page(from_file, after_caller):
        return rows_read(
            large,
            "callers_of_symbol",
            snapshot_id=snapshots(large)[0],
            symbol_no=0,
            kinds=[1],
            from_file=from_file,
            after_caller=after_caller,
            most_sites=5,
            page_size=11,
        )

    assert page(0, -2) < 800
    assert page(50, 2_010) < 800


@pytest.fixture
def young(large: Reader) -> int:
    """A snapshot of which the statistics know nothing: 300 files, one of them with 2,000 uses."""
    large.scratch.sql(
        "INSERT INTO kotadb.snapshots"
        " (tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats)"
        " SELECT tenant_id, repository_id, 'young', commit_sha, 2, gen_random_uuid(), state, stats"
        " FROM kotadb.snapshots WHERE tenant_id = %s ORDER BY snapshot_id LIMIT 1",
        large.tenant_id,
    )
    number: int = large.scratch.value("SELECT max(snapshot_id) FROM kotadb.snapshots")
    copied = f"INSERT INTO kotadb.{{0}} SELECT {number}, {{1}} FROM generate_series(0, {{2}}) AS n"
    for table, row, last in (
        ("files", "n, lpad(n::text, 4, '0'), decode(repeat('00', 20), 'hex'), 1, 1, 0, NULL", 299),
        ("symbols", "n, n / 10, greatest(0, n - 1), 1, 1, 1, 0, 1, 0, 0, 0, 'n', NULL, NULL", 2999),
        ("symbol_references", "0, n, n, NULL, NULL, NULL, 0, 1, 1, 'x'", 1999),
        ("dependencies", "0, n, mod(n, 300), 0, 1, NULL, './x', NULL", 1999),
    ):
        large.scratch.sql(copied.format(table, row, last))
    return number


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("export_symbols", 3_000),
        ("export_references_of_file", 2_000),
        ("export_dependencies_of_file", 2_000),
    ],
)
def test_an_export_joins_row_by_row_though_the_statistics_are_older_than_the_snapshot(
    large, young, query, lines
):
    page = {"after_no": -1, "page_size": 5_000} if query == "export_symbols" else {"file_no": 0}
    assert rows_read(large, query, snapshot_id=young, **page) <= 3 * lines
