"""Any bytes go from a commit into the database: what is stored is what parsing and linking say."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indexer.indexing.copy_rows import LAST_COLUMN
from indexer.indexing.discover import content_reason
from indexer.indexing.parsed import NO_FACTS
from indexer.parsing.languages import EXTENSIONS
from indexer.parsing.parser import parse_text
from indexer.parsing.source import FileNotParsed, SourceText
from indexer.resolution.link import Linker
from indexer.resolution.modules import ModuleResolver

CASES = sorted((Path(__file__).parents[1] / "parsing" / "cases").iterdir())
EXAMPLES = 5
FILES = 25
CUTS = (
    b"(",
    b"{",
    b"<",
    b"`",
    b"\0",
    b"=>",
    b"\xed\xa0\x80",
    b"\xff",
    b"*/",
    b"\\",
    b"\t\r",
    b"\\N",
)
LINKED = (
    "import {{ a as b, type C }} from './f{0:02}';\nimport d, * as e from './f{1:02}.js';\n"
    "export * from './f{0:02}';\nexport * as f from './f{1:02}';\nexport {{ a as g }} from './x';\n"
    "export const a = b(d, e.a.b);\nexport class C extends e.C {{ #h = 1; m() {{ this.m(b); }} }}\n"
    "import {{ p as q }} from '@p/q/f{0:02}'; export const s = new q.r().t;\n"
    "export default a;\nmodule.exports = {{ a, i: require('./f{0:02}') }};\n"
)
MANIFEST = b'{"name": "p"}'
COLUMNS = {
    "symbols": "symbol_no, file_no, container_no, kind, flags, name, line, column_no, start_line, "
    "start_column, end_line, end_column, signature, documentation, uses",
    "symbol_references": "file_no, line, column_no, kind, name, enclosing_no, resolution, "
    "symbol_no, target_file_no, target_line, imported_no",
    "imported_names": "imported_no, package, subpath, name",
    "package_entries": "entry_no, package, subpath, file_no",
    "package_exports": "entry_no, name, symbol_no, file_no, line",
    "dependencies": "file_no, line, column_no, kind, specifier, to_file_no, package, reason",
    "files": "file_no, path, line_count, syntax_errors, failure",
    "file_texts": "file_no, content",
}


@st.composite
def sources(draw):
    """The bytes of a file: any at all, any text, or code that was damaged here and there."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.binary(max_size=500) | st.text(max_size=300).map(encoded))
    if draw(st.booleans()):
        code = bytearray(draw(st.sampled_from(CASES)).read_bytes())
    else:
        one, other = draw(st.integers(0, FILES)), draw(st.integers(0, FILES))
        code = bytearray(LINKED.format(one, other).encode())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(code)))
        code[at : at + draw(st.sampled_from([0, 0, 1, 20]))] = draw(st.sampled_from(CUTS))
    return bytes(code)


def encoded(text):
    return text.encode("utf-8", "surrogatepass")


FILE = st.tuples(st.sampled_from(EXTENSIONS), sources())


class Oracle:
    """What shall be stored of these files, worked out here and now, without a child or a table."""

    def __init__(self, files):
        self.skipped, self.files, self.texts = [], [], []
        linked = []
        for path in sorted(files):
            if reason := content_reason(path, files[path]):
                self.skipped.append(reason)
                continue
            facts, failure, lines = NO_FACTS, None, 0
            try:
                text = SourceText(files[path])
                self.texts.append((len(linked), text.text.decode()))
                lines = len(text.line_starts)
                facts = parse_text(text, path)
            except FileNotParsed as error:
                failure = error.reason
            self.files.append((len(linked), path, lines, facts.syntax_errors, failure))
            linked.append((path, facts))
        manifest = {"package.json": MANIFEST}
        linker = Linker(linked, ModuleResolver([*files, *manifest], manifest.get))
        self.references, self.dependencies = (
            [within(row) for row in rows] for rows in (linker.references(), linker.dependencies())
        )
        self.imported_names = [tuple(row) for row in linker.imported_names()]
        self.package_entries = [tuple(row) for row in linker.package_entries()]
        self.package_exports = [tuple(row) for row in linker.package_exports()]
        uses = Counter(row.symbol_no for row in linker.references())
        self.symbols = [within(row._replace(uses=uses[row.symbol_no])) for row in linker.symbols()]

    @property
    def counts(self):
        internal = sum(row[5] is not None for row in self.dependencies)
        return {
            "skipped": len(self.skipped),
            "failed": sum(row[-1] is not None for row in self.files),
            "internal": internal,
            "external": len(self.dependencies) - internal,
            "symbols": len(self.symbols),
            "references": len(self.references),
            "imported names": len(self.imported_names),
            "exports of packages": len(self.package_exports),
        }


def within(row):
    """A row as its columns hold it."""
    return tuple(
        min(value, LAST_COLUMN) if name.endswith("column") else value
        for name, value in zip(row._fields, row, strict=True)
    )


def stored(indexing, table):
    rows = indexing.scratch.sql(
        f"SELECT {COLUMNS[table]} FROM kotadb.{table} WHERE snapshot_id IN "
        "(SELECT snapshot_id FROM kotadb.snapshots WHERE state = 'current')"
    )
    return sorted((tuple(row.values()) for row in rows), key=repr)


@pytest.mark.proves("W14")
def test_what_is_stored_of_any_bytes_is_what_parsing_and_linking_say(
    repository, indexing, ask, work_off
):
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(FILE, min_size=FILES, max_size=FILES))
    def hold(drawn):
        files = {f"f{at:02}{ending}": source for at, (ending, source) in enumerate(drawn)}
        repository.commit_files(files | {"package.json": MANIFEST})
        made = ask(force=True)
        assert work_off() == {str(made.job_id): "completed"}
        oracle = Oracle(files)
        for table, wanted in (
            ("files", oracle.files),
            ("file_texts", oracle.texts),
            ("symbols", oracle.symbols),
            ("symbol_references", oracle.references),
            ("dependencies", oracle.dependencies),
            ("imported_names", oracle.imported_names),
            ("package_entries", oracle.package_entries),
            ("package_exports", oracle.package_exports),
        ):
            assert stored(indexing, table) == sorted(wanted, key=repr), table
        stats = indexing.job(made.job_id)["stats"]
        assert sum(stats["files_skipped"].values()) == len(oracle.skipped)
        seen.update(oracle.counts)

    seen = Counter()
    hold()
    assert set(+seen) >= {"failed", "internal", "external", "symbols", "references"}
    assert set(+seen) >= {"imported names", "exports of packages"}
