import json

import pytest
from tests.support.repositories import FILE, FOLDER, SYMLINK, Repository

from indexer.git.failures import RemoteMisbehaved, TooManyEntries, TooManyFiles
from indexer.indexing.survey import MAX_CONFIG_BYTES, SurveyFailed, survey_commit
from indexer.settings import MEBIBYTE, Settings


@pytest.fixture
def repository(tmp_path):
    return Repository.create(tmp_path / "repository")


@pytest.fixture
def survey(repository):
    """Surveys a commit as the worker does after a fetch."""

    def run(sha, **changes):
        repository.pack()
        return survey_commit(
            repository.path, sha, Settings(**changes), base_bytes=MEBIBYTE, check=lambda: None
        )

    return run


@pytest.mark.proves("W4", "W6")
def test_sources_are_found_in_path_order_and_configs_read(repository, survey):
    names = ["b.ts", "a.tsx", "z.js", "c.jsx", "d.mts", "e.cts", "f.mjs", "g.cjs"]
    configs = {"package.json": b"{}", "lib/any-name.json": b"[]", "pnpm-workspace.yaml": b"a: b"}
    other = {"README.md": b"#", "a.py": b"", "b.yaml": b"x: y", "style.css": b""}
    files = {**dict.fromkeys(names, b"export {}\n"), **configs, **other}
    found = survey(repository.commit_files(files))
    assert [one.path for one in found.files] == sorted(names)
    assert found.configs == configs
    assert found.paths == sorted(files)
    assert found.skipped == {}


def test_what_is_not_indexed_is_counted_by_reason(repository, survey):
    blob = repository.blob(b"export {}\n")
    package = repository.tree([(FILE, b"index.js", blob)])
    sha = repository.commit_tree(
        [
            (FILE, b"a.ts", blob),
            (FILE, b"bad\xff.ts", blob),
            (SYMLINK, b"link.ts", repository.blob(b"/proc/self/environ")),
            (FOLDER, b"node_modules", package),
        ]
    )
    found = survey(sha)
    assert [one.path for one in found.files] == ["a.ts"]
    assert found.skipped == {"node_modules": 1, "symlink": 1, "not_utf8_name": 1}


def test_a_config_that_is_too_large_is_as_if_it_were_not_there(repository, survey):
    large = b" " * (MAX_CONFIG_BYTES + 1)
    found = survey(repository.commit_files({"tsconfig.json": large, "package.json": b"{}"}))
    assert found.configs == {"package.json": b"{}"}
    assert "tsconfig.json" in found.paths


def test_configs_beyond_their_total_are_as_if_they_were_not_there(repository, survey):
    one = json.dumps({"x": "y" * (MAX_CONFIG_BYTES - 20)}).encode()
    files = {f"{number:02}/data.json": one for number in range(40)}
    found = survey(repository.commit_files(files))
    assert 0 < len(found.configs) < 40
    assert sum(map(len, found.configs.values())) <= 32 * MEBIBYTE


def test_too_many_files_are_refused_for_good(repository, survey):
    sha = repository.commit_files({f"{number}.ts": b"" for number in range(6)})
    with pytest.raises(TooManyFiles) as refused:
        survey(sha, max_files=5)
    assert not refused.value.transient


def test_too_many_entries_are_refused_with_the_limit_that_was_met(repository, survey):
    sha = repository.commit_files({f"{number}.md": b"" for number in range(12)})
    with pytest.raises(TooManyEntries, match="10"):
        survey(sha, max_tree_entries=10, max_files=5)


def test_a_commit_without_its_tree_is_the_remotes_fault(repository, survey):
    with pytest.raises(RemoteMisbehaved):
        survey(repository.commit("f" * 40))


def test_a_child_that_fails_is_tried_again_later(repository, survey):
    sha = repository.commit_files({"a.ts": b""})
    with pytest.raises(SurveyFailed) as failed:
        survey(sha, fetch_memory_bytes=8 * MEBIBYTE)
    assert failed.value.transient
