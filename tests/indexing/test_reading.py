"""What of a name decides how a file is read, and what marks the program that read it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import indexer
from indexer.indexing.discover import SCRIPT_ENDINGS
from indexer.indexing.reading import made_by, name_of, read_as
from indexer.parsing.endings import ENDINGS
from indexer.parsing.languages import grammars_for, is_declaration_file, is_javascript
from indexer.settings import Settings

STEMS = st.text("abd.-", min_size=1).filter(lambda stem: stem.strip("."))
PATHS = st.builds(
    lambda folder, stem, ending: f"{folder}{stem}{ending}",
    st.sampled_from(["", "src/", "a.d.ts/", ".d./"]),
    STEMS,
    st.sampled_from(list(ENDINGS)),
)


@given(PATHS)
def test_a_name_and_what_stands_for_it_are_read_alike(path):
    stand_in = name_of(read_as(path))
    assert grammars_for(stand_in) == grammars_for(path)
    assert is_javascript(stand_in) == is_javascript(path)
    assert is_declaration_file(stand_in) == is_declaration_file(path)
    assert stand_in.endswith(SCRIPT_ENDINGS) == path.endswith(SCRIPT_ENDINGS)
    assert read_as(stand_in) == read_as(path)


@pytest.mark.parametrize(
    ("path", "reading"),
    [
        ("src/a.ts", ".ts"),
        ("a.test.ts", ".ts"),
        ("types/a.d.ts", ".d.ts"),
        ("a.d.css.ts", ".d.ts"),
        ("x.d.y/a.ts", ".ts"),
        ("a.cjs", ".cjs"),
    ],
)
def test_nothing_but_its_ending_and_that_it_declares_matters_of_a_name(path, reading):
    assert read_as(path) == reading


def test_the_mark_is_that_of_the_program_and_of_what_it_leaves_out():
    mark = made_by(Settings())
    assert len(mark) == 16
    assert made_by(Settings(parse_processes=7)) == mark
    assert made_by(Settings(max_file_bytes=7)) != mark
    assert made_by(Settings(index_generated_files=True)) != mark


@pytest.mark.parametrize("changed", ["parsing/chains.py", "indexing/texts.py", "sandbox/wire.py"])
def test_a_change_of_the_program_changes_the_mark(tmp_path, changed):
    copy = tmp_path / "indexer"
    shutil.copytree(Path(indexer.__file__).parent, copy, ignore=shutil.ignore_patterns("sql"))
    with (copy / changed).open("a") as file:
        file.write("# another program\n")

    def mark(folder):
        script = (
            f"import sys; sys.path.insert(0, {str(folder)!r}); "
            "from indexer.indexing.reading import made_by; "
            "from indexer.settings import Settings; print(made_by(Settings()).hex())"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True, text=True
        )
        return done.stdout.strip()

    assert mark(tmp_path / "nothing") == made_by(Settings()).hex()
    assert mark(tmp_path) != made_by(Settings()).hex()
