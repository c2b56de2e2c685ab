"""What a question reads is part of its contract: a wrong plan gives the same answer, late."""

import pytest
from tests.search.conftest import SYMBOLS_EACH, Reader
from tests.search.plans import rows_read, scanned, snapshots

from indexer.search.ranges import exactly, starting_with

pytestmark = pytest.mark.usefixtures("new_tables")

EVERYWHERE = {"path_from": None, "path_below": None, "first_only": False}
FIRST_PAGE = {"after_name": None, "after_snapshot": None, "after_symbol": None}


def test_a_one_letter_prefix_over_many_repositories_reads_pages_and_not_repositories(large):
    names = starting_with("n")
    read = rows_read(
        large,
        "symbols_by_name",
        snapshot_ids=snapshots(large),
        name_from=names.start,
        name_below=names.below,
        container=None,
        kind=None,
        page_size=51,
        **EVERYWHERE,
        **FIRST_PAGE,
    )
    assert read < 1_000


def test_a_member_of_a_container_is_read_by_its_name_alone(large):
    names, snapshot = exactly("n77"), snapshots(large)[0]
    large.scratch.sql(
        "UPDATE kotadb.symbols SET container_no = 0 WHERE snapshot_id = %s AND name = 'n77'",
        snapshot,
    )
    read = rows_read(
        large,
        "symbols_by_name",
        snapshot_ids=[snapshot],
        name_from=names.start,
        name_below=names.below,
        container="n0",
        kind=None,
        page_size=51,
        **EVERYWHERE,
        **FIRST_PAGE,
    )
    assert read < 20


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
            contains=None,
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


def test_names_in_lines_are_read_by_their_lines_and_not_by_their_file(large):
    snapshot = snapshots(large)[0]
    # Of one file: 10,000 uses, ten on each line.
    large.scratch.sql(
        "INSERT INTO kotadb.symbol_references"
        " SELECT %s, 298, n / 10 + 1, 0, NULL, 0, 1, mod(n, 10), 1, 1, 'x'"
        " FROM generate_series(0, 9999) AS n",
        snapshot,
    )
    large.scratch.sql("ANALYZE")
    here = {"snapshot_id": snapshot, "file_no": 298}
    few = {"first_line": 500, "last_line": 503, "most": 3_001}
    assert rows_read(large, "uses_in_lines", **here, **few) < 100
    symbols = {"snapshot_id": snapshot, "file_no": 100, "most": 3_001}
    read = rows_read(large, "definitions_in_lines", first_line=1, last_line=9, **symbols)
    assert read < 60


def test_a_folder_leaps_over_the_files_below_it(large):
    snapshot = snapshots(large)[0]
    # Under src/ lie 300 files; beside it, four.
    large.scratch.sql(
        "INSERT INTO kotadb.files SELECT %s, 300 + n, 'z' || n, decode(repeat('00', 20), 'hex'),"
        " 1, 1, 0, NULL FROM generate_series(0, 3) AS n",
        snapshot,
    )
    large.scratch.sql("ANALYZE")
    read = rows_read(
        large,
        "folder_page",
        snapshot_id=snapshot,
        folder_length=0,
        first_file=0,
        last_file=303,
        page_size=51,
    )
    assert read < 60


def test_the_end_of_a_folder_is_found_without_the_files_after_it(large):
    snapshot = snapshots(large)[0]
    large.scratch.sql(
        "INSERT INTO kotadb.files SELECT %s, 300 + n, CASE n WHEN 0 THEN 'src1/a' ELSE"
        " 'z' || to_char(n, 'FM000') END, decode(repeat('00', 20), 'hex'),"
        " 1, 1, 0, NULL FROM generate_series(0, 300) AS n",
        snapshot,
    )
    large.scratch.sql("ANALYZE")
    read = rows_read(
        large,
        "folder_page",
        snapshot_id=snapshot,
        folder_length=5,
        first_file=300,
        last_file=300,
        page_size=51,
    )
    assert read < 10


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


def test_what_a_definition_calls_is_read_from_its_own_lines(large):
    # Of the 12,000 uses one stands in it, on a line of its own; its file has 40, on as many lines.
    def calls(first_line, last_line):
        return rows_read(
            large,
            "callees_of_symbols",
            snapshot_id=snapshots(large)[0],
            file_no=50,
            symbol_nos=[2_000],
            first_line=first_line,
            last_line=last_line,
            kinds=[1],
            defined=False,
            most_sites=5,
            shown=0,
            page_size=51,
        )

    assert calls(2_000, 2_002) < 40
    assert 40 <= calls(0, 12_000) < 120


def test_the_types_around_a_popular_one_are_read_without_its_other_uses_of_them(large):
    # Symbol 0 is used 3,000 times, twice by a type; its file has 20 symbols and 40 uses.
    large.scratch.sql(
        "UPDATE kotadb.symbol_references SET kind = 6 WHERE symbol_no = 0 AND line IN (4, 2004)"
    )
    large.scratch.sql(
        "UPDATE kotadb.symbols SET kind = 2, end_line = 9 WHERE mod(symbol_no, 2) = 0"
    )
    large.scratch.sql("ANALYZE kotadb.symbols, kotadb.symbol_references")
    here = {"snapshot_id": snapshots(large)[0], "kinds": [6, 7], "most": 501}
    # Those that name it are among its uses, which are a range of an index.
    below = rows_read(large, "subtypes_of", symbol_nos=[0], type_kinds=[2, 3], **here)
    assert below < 3_100
    # Lines 1 to 9 of its file.
    above = rows_read(large, "supertypes_of", symbol_nos=[4], **here)
    assert above < 50


def test_the_parts_of_a_type_are_read_without_those_of_its_name_elsewhere(large):
    large.scratch.sql("UPDATE kotadb.symbols SET kind = 3, name = 'same'")
    large.scratch.sql("ANALYZE kotadb.symbols")
    read = rows_read(
        large,
        "parts_of_types",
        snapshot_id=snapshots(large)[0],
        symbol_nos=[3_000, 5_000],
        kinds=[2, 3],
        interface=3,
    )
    # Each has 19 others in its file.
    assert read < 80


@pytest.mark.usefixtures("postgres_17")
def test_exports_are_read_without_those_of_other_files(large):
    large.scratch.sql("UPDATE kotadb.symbols SET flags = 1, name = 'same'")
    large.scratch.sql("UPDATE kotadb.symbol_references SET kind = 11, enclosing_no = NULL")
    large.scratch.sql(
        "INSERT INTO kotadb.dependencies SELECT snapshot_id, file_no, 1, 0, 0, 3, NULL, 'x', NULL"
        " FROM kotadb.files"
    )
    large.scratch.sql("ANALYZE")
    here = {"snapshot_id": snapshots(large)[0]}
    files = {**here, "file_nos": [10, 200], "most": 1_000}
    # Of each file 20 definitions, 40 uses with what they lead to, one import with its file.
    top = {"exported": 1, "variables": [7, 8]}
    assert rows_read(large, "exported_symbols_of_files", **top, **files) < 80
    assert rows_read(large, "export_lists_of_files", export=11, **files) < 300
    assert rows_read(large, "export_sources_of_files", dependency=3, **files) < 20
    twins = rows_read(large, "exported_twins", symbol_nos=[3_000, 5_000], exported=1, **here)
    assert twins < 80


def test_what_is_unused_is_read_window_by_window(large):
    here = {"snapshot_id": snapshots(large)[0]}
    large.scratch.sql(
        "UPDATE kotadb.symbols SET flags = 1, end_line = 9 WHERE mod(symbol_no, 2) = 0"
    )
    large.scratch.sql("DELETE FROM kotadb.symbol_references WHERE mod(symbol_no, 2) = 0")
    large.scratch.sql("ANALYZE kotadb.symbols, kotadb.symbol_references")
    assert rows_read(large, "symbols_of_files_from", first_file=100, last_file=200, **here) < 10
    filters = {
        "page_size": 51,
        "kinds": [1],
        "flags_wanted": 1,
        "flags_unwanted": 128,
        "known_as_used": [],
        "private": 512,
        "passing_on": [10, 11],
        "member_kinds": [9],
        "base_kinds": [6, 7],
        "exported": 1,
        "as_values": [4, 5],
    }
    of_members = {
        "flags_wanted": 0,
        "member_kinds": [1],
        "known_as_used": list(range(1, 2_000, 2)),
    }
    # 500 symbols, half of them with a use: they, their ends' files, and what is told of a page.
    for start, wanted in ((0, {}), (3_000, {}), (3_000, of_members)):
        read = rows_read(
            large,
            "unused_symbols",
            from_no=start,
            to_no=start + 499,
            last_no=SYMBOLS_EACH - 1,
            **{**filters, **wanted},
            **here,
        )
        assert read < 1_200
    large.scratch.sql(
        "INSERT INTO kotadb.dependencies"
        " SELECT snapshot_id, line, line, file_no, 0, 1, NULL, 'x', NULL"
        " FROM kotadb.files, generate_series(0, 19) AS line"
    )
    large.scratch.sql("ANALYZE kotadb.dependencies")
    told = list(range(0, 100, 2))
    assert rows_read(large, "files_that_are_imported", file_nos=told, **here) < 200


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
        ("export_symbols_of_file", 10),
        ("export_symbol_names_of_file", 10),
    ],
)
def test_an_export_joins_row_by_row_though_the_statistics_are_older_than_the_snapshot(
    large, young, query, lines
):
    page = {"after_no": -1, "page_size": 5_000} if query == "export_symbols" else {"file_no": 0}
    assert rows_read(large, query, snapshot_id=young, **page) <= 3 * lines


def test_tags_are_read_in_their_order_with_as_many_steps_outwards_as_are_shown(large, young):
    # Each of the 3,000 symbols stands in the one before it.
    page = {"after_name": "n", "after_no": 1_000, "page_size": 100}
    assert rows_read(large, "export_tags", snapshot_id=young, **page) <= 100 * (33 + 3 * 32 + 2)


# What these read at most of a snapshot of 6,000 symbols and 12,000 uses and imports each, of which
# the statistics know nothing, while the indexes that lead to it are taller than others.
FEW_ROWS = [
    ("symbol_by_number", {"symbol_no": 500}, 400),
    ("symbols_at", {"file_no": 100, "line": 1, "column_no": 9, "most": 100}, 100),
    ("definitions_in_lines", {"file_no": 100, "first_line": 1, "last_line": 9, "most": 9}, 100),
    ("members_of_symbols", {"name": "n7", "containers": [7], "most": 20}, 100),
    ("symbols_of_files_from", {"first_file": 100, "last_file": 200}, 100),
    ("uses_of_the_unused", {"symbol_nos": [7, 500], "import": 10, "export": 11}, 100),
    ("exported_twins", {"symbol_nos": [7, 500], "exported": 1}, 100),
    ("members_of_files", {"file_nos": [100, 101], "after": 1_999, "most": 5_000}, 100),
    ("export_symbols_of_file", {"file_no": 100}, 200),
    (
        "symbols_in_order",
        {
            "kind": None,
            "first_file": 100,
            "last_file": 2**31 - 1,
            "after_file": 100,
            "after_symbol": 2_005,
            "page_size": 51,
        },
        500,
    ),
    (
        "users_of_symbols",
        {"symbol_nos": [7, 500], "kinds_left_out": [2], "passing_on": [10], "most": 5_000},
        100,
    ),
    ("importers_of_files", {"file_nos": [5], "most": 500}, 100),
    ("files_that_need_it", {"file_no": 5, "depth": 1, "most_steps": 900, "most_files": 99}, 500),
]
LIMITS = {query: most for query, _, most in FEW_ROWS}


@pytest.fixture
def outgrown(large: Reader) -> int:
    """A snapshot that is younger than all statistics, the last of which met much larger ones."""
    scratch = large.scratch
    rows = "kotadb.snapshots, generate_series(6000, 29999) AS n"
    scratch.sql(
        "INSERT INTO kotadb.symbols SELECT snapshot_id, n, n / 20, NULL, 1, 1, 1, 0, 1, 0, 0, 0,"
        f" repeat('long', 50) || n, NULL, NULL FROM {rows}"
    )
    scratch.sql(
        "INSERT INTO kotadb.symbol_references"
        f" SELECT snapshot_id, n / 40, mod(n, 4), n, n, 0, 1, 1, 1, 1, 'x' FROM {rows}"
    )
    imports = "n / 40, mod(n, 4), mod(n * 7, 300), 0, 1, NULL, './x', NULL"
    scratch.sql(f"INSERT INTO kotadb.dependencies SELECT snapshot_id, {imports} FROM {rows}")
    scratch.sql("VACUUM ANALYZE")
    scratch.sql(
        "INSERT INTO kotadb.snapshots"
        " (tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats)"
        " SELECT tenant_id, repository_id, 'young', commit_sha, 2, gen_random_uuid(), state, stats"
        " FROM kotadb.snapshots WHERE tenant_id = %s ORDER BY snapshot_id LIMIT 1",
        large.tenant_id,
    )
    number: int = scratch.value("SELECT max(snapshot_id) FROM kotadb.snapshots")
    scratch.sql(
        f"INSERT INTO kotadb.files SELECT {number}, n, 'src/' || lpad(n::text, 4, '0'),"
        " decode(repeat('00', 20), 'hex'), 1, 1, 0, NULL FROM generate_series(0, 299) AS n"
    )
    scratch.sql(
        f"INSERT INTO kotadb.symbols SELECT {number}, n, n / 20, nullif(mod(n, 100), 0),"
        " 1, 1, 1, 1, 1, 0, 0, 0, 'n' || n, NULL, NULL FROM generate_series(0, 5999) AS n"
    )
    scratch.sql(
        f"INSERT INTO kotadb.symbol_references SELECT {number}, n / 40, n, mod(n, 6000), n, 0,"
        " 1, 1, 1, 1, 'x' FROM generate_series(0, 11999) AS n"
    )
    scratch.sql(
        f"INSERT INTO kotadb.dependencies SELECT {number}, {imports}"
        " FROM generate_series(0, 11999) AS n"
    )
    return number


@pytest.mark.usefixtures("postgres_17")
def test_a_snapshot_that_is_younger_than_the_statistics_is_not_read_for_a_few_of_its_rows(
    large, outgrown
):
    read = {
        query: rows_read(large, query, snapshot_id=outgrown, **asked)
        for query, asked, _ in FEW_ROWS
    }
    assert {query: rows for query, rows in read.items() if rows > LIMITS[query]} == {}


@pytest.fixture
def searchable(large: Reader) -> Reader:
    """The same with blocks of posting lists, and names by their words."""
    large.scratch.sql(
        "INSERT INTO kotadb.text_postings SELECT snapshot_id, 0, n * 100, repeat('x', 3900)::bytea"
        " FROM kotadb.snapshots, generate_series(0, 599) AS n"
    )
    large.scratch.sql(
        "INSERT INTO kotadb.symbol_names SELECT snapshot_id, uses, 2, true, name, name"
        " FROM kotadb.symbols"
    )
    large.scratch.sql("UPDATE kotadb.snapshots SET file_groups = 'x'")
    large.scratch.sql("ANALYZE")
    return large


def test_a_posting_list_is_one_block_of_its_snapshot(searchable):
    read = rows_read(
        searchable,
        "posting_blocks",
        snapshot_ids=snapshots(searchable),
        segments=[0, 0, 0],
        trigrams=[5_050, 5_070, 40_000],
    )
    # Nine look-ups, and of each snapshot two blocks.
    assert read <= 9 + 6 + 6


def test_names_are_read_by_the_range_of_a_word(searchable):
    names = starting_with("n123")
    read = rows_read(
        searchable,
        "names_by_word",
        snapshot_ids=snapshots(searchable),
        rests_from=[names.start],
        rests_below=[names.below],
        kinds=2,
        most=2_000,
    )
    # n123 and n1230 to n1239, in three snapshots; the rest is of the policies.
    assert read <= 33 + 6
    read = rows_read(
        searchable,
        "symbols_of_names",
        snapshot_ids=snapshots(searchable),
        names=["n1", "n2", "n3"],
        kinds=2,
        most=2_000,
    )
    assert read <= 3 + 6


def test_only_the_texts_that_are_searched_are_read(searchable):
    first, *_ = snapshots(searchable)
    these = {"snapshot_ids": [first] * 3, "file_nos": [3, 200, 77]}
    assert rows_read(searchable, "texts_to_search", most_bytes=10_000, **these) <= 6 + 6
    # The paths of all tell how much they are, and the text of the first is read.
    assert rows_read(searchable, "texts_to_search", most_bytes=1, **these) <= 4 + 6


def test_groups_and_paths_are_read_by_snapshot(searchable):
    mine = snapshots(searchable)
    assert rows_read(searchable, "groups_of_files", snapshot_ids=mine[:1]) <= 6
    read = rows_read(
        searchable,
        "files_by_pattern",
        snapshot_ids=mine[:1],
        wanted_paths="src/01",
        unwanted_paths=None,
    )
    assert read <= 300 + 6


def test_who_may_read_what_is_found_without_what_others_replaced(large):
    """By an index each: what is current, and what was replaced and is still kept."""
    large.scratch.sql(
        "INSERT INTO kotadb.snapshots (tenant_id, repository_id, ref, commit_sha, generation,"
        " job_id, state, stats, readable_until)"
        " SELECT tenant_id, repository_id, ref, commit_sha, 1, job_id, 'retired', '{}',"
        " now() + CASE WHEN tenant_id <> %s THEN interval '1 hour'"
        "  WHEN n > 5 THEN interval '-1 hour' ELSE interval '1 hour' END"
        " FROM kotadb.snapshots, generate_series(1, 1000) AS n",
        large.tenant_id,
    )
    large.scratch.sql("ANALYZE kotadb.snapshots")
    body = large.scratch.value(
        "SELECT prosrc FROM pg_proc WHERE oid = 'kotadb.visible_snapshots'::regproc"
    )
    with large.scratch.connection() as connection, connection.transaction():
        connection.execute("SELECT set_config('app.user_id', %s, true)", (str(large.tenant_id),))
        row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {body}").fetchone()
        (shown,) = connection.execute(body).fetchone().values()
    assert len(shown) == 3 + 3 * 5
    (plan,) = row.values()
    assert sum(scanned(plan[0]["Plan"])) < 30


@pytest.mark.usefixtures("postgres_17")
@pytest.mark.parametrize("kinds_left_out", [[], [2, 7]])
def test_a_step_of_an_impact_reads_what_leads_on_and_nothing_else(large, young, kinds_left_out):
    by_kind = {"kinds_left_out": kinds_left_out} if kinds_left_out else {}
    name = "importers_of_files_by_kind" if kinds_left_out else "importers_of_files"
    # One file has the 2,000 imports of the snapshot, and 7 of them are of file 5.
    read = rows_read(large, name, snapshot_id=young, file_nos=[5], most=5_000, **by_kind)
    assert read < 20
    pair = {"file_nos": [0], "to_file_nos": [5], "kinds_left_out": kinds_left_out}
    assert rows_read(large, "lines_of_imports", snapshot_id=young, **pair) < 20
    for snapshot, symbols in ((young, [7, 9]), (snapshots(large)[0], [4_000, 5_000])):
        read = rows_read(
            large,
            "users_of_symbols",
            snapshot_id=snapshot,
            symbol_nos=symbols,
            kinds_left_out=kinds_left_out,
            passing_on=[10, 11],
            most=5_000,
        )
        assert read < 20


@pytest.mark.usefixtures("postgres_17")
def test_what_an_impact_begins_with_is_found_by_its_name_or_number(large, young):
    asked = {"symbol_nos": [1], "containers": [None], "names": ["n77"], "most": 101}
    assert rows_read(large, "symbols_to_change", snapshot_id=snapshots(large)[0], **asked) < 20
    paths = {"paths": ["src/0007", "src/0008"]}
    assert rows_read(large, "files_by_paths", snapshot_id=snapshots(large)[0], **paths) < 10
    assert rows_read(large, "places_of_symbols", snapshot_id=young, symbol_nos=[1, 2]) < 10
    # Ten symbols are of one file.
    members = {"file_nos": [100], "after": 999, "most": 50_000}
    assert rows_read(large, "members_of_files", snapshot_id=young, **members) < 30


@pytest.mark.usefixtures("postgres_17")
def test_imports_between_a_few_files_are_read_without_those_of_others(large):
    large.scratch.sql(
        "INSERT INTO kotadb.dependencies"
        " SELECT snapshot_id, n, line, mod(line, 15), 0, 1, NULL, './x', NULL"
        " FROM kotadb.snapshots, generate_series(0, 299) AS n, generate_series(1, 20) AS line"
    )
    large.scratch.sql("ANALYZE kotadb.dependencies")
    # Each file imports the first 15; of those asked about each has 20 imports.
    read = rows_read(
        large,
        "imports_between",
        snapshot_id=snapshots(large)[0],
        file_nos=list(range(10)),
    )
    assert read <= 10 * 20


def test_an_overview_reads_one_snapshot(large):
    large.scratch.sql(
        "INSERT INTO kotadb.dependencies"
        " SELECT snapshot_id, n, 1, mod(n + 1, 300), 0, 1, NULL, './x', NULL"
        " FROM kotadb.snapshots, generate_series(0, 299) AS n"
    )
    large.scratch.sql(
        "UPDATE kotadb.files SET path = lpad(mod(file_no, 7)::text, 2, '0') || '/' || path"
    )
    large.scratch.sql("ANALYZE kotadb.dependencies, kotadb.files")
    of = {"snapshot_id": snapshots(large)[0]}
    assert rows_read(large, "folders_of_snapshot", **of, most=100) <= 300
    folders = [f"{number:02}" for number in range(7)]
    read = rows_read(large, "imports_between_folders", **of, depth=1, folders=folders, most=10_000)
    assert read <= 300 + 300
