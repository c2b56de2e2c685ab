"""Names of refs and commits."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.git.refs import CommitInvalid, RefInvalid, find, parse_commit_sha, parse_ref


@pytest.mark.parametrize(
    "text", ["main", "feature/a-b", "v1.0", "refs/pull/1/head", "größe", "a@b"]
)
def test_names_that_git_allows_are_taken_as_they_are(text):
    assert parse_ref(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "-x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{1}"),
        *("/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "a\nb", "a\x7f", "\ud800"),
        *("a\u202eb", "x" * 300),
    ],
)
def test_names_that_git_forbids_are_refused(text):
    with pytest.raises(RefInvalid):
        parse_ref(text)


@settings(max_examples=40)
@example("a/-b")
@example("HEAD")
@given(st.text("ab/.@{-*~lock", min_size=1, max_size=12))
def test_no_name_is_taken_that_git_itself_refuses(text):
    try:
        parse_ref(text)
    except RefInvalid:
        return
    subprocess.run(["git", "check-ref-format", f"refs/heads/{text}"], check=True)


def test_a_commit_is_named_in_full():
    assert parse_commit_sha("AB" * 20) == "ab" * 20
    for text in ("", "ab" * 19, "ab" * 21, "xy" * 20, "ab" * 20 + "\n", "\u0660" * 40):
        with pytest.raises(CommitInvalid):
            parse_commit_sha(text)


def test_a_branch_is_meant_before_a_tag_and_a_full_name_before_both():
    advertised = {
        "refs/heads/x": "1",
        "refs/tags/x": "2",
        "refs/tags/y": "3",
        "refs/heads/refs/tags/y": "4",
    }
    assert find("x", advertised) == ("x", "refs/heads/x", "1")
    assert find("y", advertised) == ("y", "refs/tags/y", "3")
    assert find("refs/tags/x", advertised) == ("refs/tags/x", "refs/tags/x", "2")
    assert find("refs/tags/y", advertised) == ("y", "refs/tags/y", "3")
    assert find("z", advertised) is None
