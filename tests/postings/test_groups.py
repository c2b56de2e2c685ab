from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.endings import Language
from indexer.postings.groups import FileGroups, Group, GroupsDamaged, group_of, grouped


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("index.ts", Group.NEAR_SOURCE),
        ("src/core/cache.ts", Group.NEAR_SOURCE),
        ("packages/core/src/cache.ts", Group.SOURCE),
        ("packages/core/src/a/b/cache.ts", Group.DEEP_SOURCE),
        ("types/index.d.ts", Group.DECLARATION),
        ("types/index.d.mts", Group.DECLARATION),
        ("examples/app/main.js", Group.EXAMPLE),
        (".github/scripts/release.js", Group.EXAMPLE),
        ("src/__tests__/cache.ts", Group.TEST),
        ("src/cache.test.tsx", Group.TEST),
        ("src/cache-spec.js", Group.TEST),
        ("test/cache.js", Group.TEST),
        ("src/test.js", Group.TEST),
        ("src/testing-library.ts", Group.NEAR_SOURCE),
        ("src/latest.ts", Group.NEAR_SOURCE),
        ("src/contest/a.ts", Group.NEAR_SOURCE),
        ("dist/index.js", Group.GENERATED),
        ("test/dist/index.js", Group.GENERATED),
        ("jquery.min.js", Group.GENERATED),
        ("src/admin.ts", Group.NEAR_SOURCE),
    ],
)
def test_a_path_tells_what_a_file_is_likely_to_be(path, expected):
    assert group_of(path) is expected


FILES = st.lists(
    st.tuples(
        st.sampled_from(["a.ts", "b.js", "test/c.ts", "dist/d.mjs", "a/b/c/d.tsx"]), st.booleans()
    ),
    max_size=40,
)


@given(FILES)
def test_groups_come_back_as_they_were_packed(files):
    groups = grouped(files)
    assert FileGroups.unpacked(groups.packed()) == groups
    assert groups.file_count == len(files)
    for at, (path, has_text) in enumerate(files):
        within = [group for group in Group if groups.groups[group] >> at & 1]
        assert within == ([group_of(path)] if has_text else [])
        assert groups.with_text >> at & 1 == has_text
        is_js = path.endswith("js")
        assert groups.languages[Language.JAVASCRIPT] >> at & 1 == (has_text and is_js)
        assert groups.languages[Language.TYPESCRIPT] >> at & 1 == (has_text and not is_js)


@pytest.mark.parametrize(
    "damaged", [b"", b"\x01\0\0\0", grouped([("a.ts", True)]).packed() + b"\0"]
)
def test_what_is_no_groups_is_refused(damaged):
    with pytest.raises(GroupsDamaged):
        FileGroups.unpacked(damaged)
