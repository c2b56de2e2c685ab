"""What a file adds to a module holds also where a part of a commit is linked."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolution.inference.programs import ASKED, MODULES, PROGRAMS, TYPES, asking
from tests.resolution.parts import Again, whole

from indexer.resolution import augmentations
from indexer.resolution.relinking import NotRelinkable

NAMES = [f"m{at}" for at in range(MODULES)]
FAR = {f"far{at}.ts": "export {};\n" for at in range(8)}
SHOP = {
    **FAR,
    "cart.ts": "export interface Cart { pay(): void }\n",
    "barrel.ts": 'export * from "./cart";\n',
    "coin.ts": "export class Coin { spend() {} }\n",
    "more.ts": 'import type { Coin } from "./coin";\n'
    'declare module "./barrel" { interface Cart { coin: Coin } }\n'
    'declare module "./cart" { const rack: Coin }\n'
    'declare module "dates" { interface Day { coin: Coin } }\n',
    "till.ts": 'import type { Cart } from "./cart";\ndeclare const cart: Cart;\n'
    "cart.coin.spend();\n",
    "rack.ts": 'import { rack } from "./cart";\nrack.spend();\n',
    "day.ts": 'import { Day } from "dates";\ndeclare const day: Day;\nday.coin.spend();\n',
}


def edited(texts, path, old, new):
    assert old in texts[path]
    return {**texts, path: texts[path].replace(old, new)}


def again(before, after):
    found = Again(before, after)
    found.assert_is(whole(after))
    return found


def leads(found, path):
    """Where the members that a file asks for lead, by name."""
    return {one[3]: one[-1] for one in found.references[path]}


def test_what_an_addition_leads_to_is_seen_by_who_asks_what_was_added_to():
    found = again(SHOP, edited(SHOP, "coin.ts", "spend", "keep"))
    assert {"till.ts", "day.ts", "rack.ts"} <= set(found.relinked)
    assert leads(found, "rack.ts")["spend"] is None
    for path in ("till.ts", "day.ts"):
        assert leads(found, path)["coin"][0] == "more.ts"
        assert leads(found, path)["spend"] is None


@pytest.mark.parametrize("path", ["till.ts", "day.ts", "cart.ts", "barrel.ts", "coin.ts"])
def test_an_addition_holds_where_only_one_file_is_linked_again(path):
    found = again(SHOP, {**SHOP, path: f"// More.\n{SHOP[path]}\nfunction more() {{}}\n"})
    for asking_path in {"till.ts", "day.ts"} & set(found.relinked):
        assert leads(found, asking_path)["coin"][0] == "more.ts"
        assert leads(found, asking_path)["spend"][0] == "coin.ts"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("interface Cart { coin", "interface Cart { money"),
        ('"./barrel"', '"./coin"'),
        ("interface Day", "interface Night"),
    ],
)
def test_where_an_addition_changes_all_is_linked(old, new):
    with pytest.raises(NotRelinkable, match="declares for all"):
        Again(SHOP, edited(SHOP, "more.ts", old, new))


def test_where_an_addition_comes_or_goes_all_is_linked():
    fewer = {path: text for path, text in SHOP.items() if path != "more.ts"}
    for before, after in ((SHOP, fewer), (fewer, SHOP)):
        with pytest.raises(NotRelinkable, match="declares for all"):
            Again(before, after)


def test_an_addition_to_a_module_that_moves_follows_it():
    after = {path: text for path, text in SHOP.items() if path != "barrel.ts"}
    after["barrel/index.ts"] = 'export * from "../cart";\n'
    with pytest.raises(NotRelinkable, match="declares for all"):
        Again(SHOP, after)
    assert leads(whole(after), "till.ts")["coin"][0] == "more.ts"


def test_an_empty_block_adds_nothing_and_is_linked_in_part():
    before = edited(SHOP, "more.ts", "interface Cart { coin: Coin }", "")
    before = edited(before, "more.ts", "interface Day { coin: Coin }", "")
    before = edited(before, "more.ts", "const rack: Coin", "")
    found = again(before, edited(before, "more.ts", "./barrel", "./coin"))
    assert "till.ts" not in found.relinked


def test_of_too_many_additions_the_last_ones_are_left_out(monkeypatch):
    blocks = "".join(
        f'declare module "./cart" {{ interface Cart{at} {{ coin: string }} }}\n' for at in range(4)
    )
    more = [f'import "./cart";\n{block}\n' for block in blocks.splitlines()]
    texts = {
        **FAR,
        "cart.ts": "".join(f"export interface Cart{at} {{}}\n" for at in range(4)),
        "more1.ts": more[0] + more[1],
        "more2.ts": more[2] + more[3],
        "till.ts": "".join(
            f'import type {{ Cart{at} }} from "./cart";\ndeclare const c{at}: Cart{at};\n'
            f"c{at}.coin;\n"
            for at in range(4)
        ),
    }

    def told():
        return [one[-1] for one in whole(texts).references["till.ts"] if one[3] == "coin"]

    assert None not in told()
    monkeypatch.setattr(augmentations, "MAX_ADDED", 3)
    assert [one is None for one in told()] == [False, False, False, True]


@pytest.mark.parametrize("files", [1, 120], ids=["one file", "many files"])
def test_of_too_many_additions_to_one_name_the_last_ones_are_left_out(files):
    most = augmentations.MAX_ADDITIONS
    blocks = [
        f'import "./cart";\ndeclare module "./cart" {{ interface Cart {{ m{at:03}: string }} }}\n'
        for at in range(120)
    ]
    each = len(blocks) // files
    texts = {f"a{at:03}.ts": "".join(blocks[at * each : (at + 1) * each]) for at in range(files)}
    texts["cart.ts"] = "export interface Cart {}\n"
    asked = "".join(f"cart.m{at:03};\n" for at in range(120))
    texts["till.ts"] = f'import {{ Cart }} from "./cart";\ndeclare const cart: Cart;\n{asked}'
    found = [one[-1] for one in whole(texts).references["till.ts"] if one[3].startswith("m")]
    assert [one is not None for one in found] == [at < most for at in range(120)]


ADDITIONS = st.builds(
    "declare module './{}' {{ interface {}{}<T> {{ w: {}; z: {} }} }}\n".format,
    st.sampled_from([*NAMES, "barrel"]),
    st.sampled_from("CI"),
    st.integers(0, MODULES - 1),
    TYPES,
    TYPES,
)


@settings(max_examples=40)
@given(
    program=PROGRAMS,
    other=PROGRAMS,
    at=st.integers(0, MODULES - 1),
    added=st.lists(ADDITIONS, min_size=1, max_size=3),
    asked=ASKED,
    more=ASKED,
)
def test_any_program_with_additions_is_the_same_linked_in_part(
    program, other, at, added, asked, more
):
    before = {f"{NAMES[one]}.ts": written.text(one, NAMES) for one, written in enumerate(program)}
    # As much as any module of such a program, it knows all the others.
    imports = asking([], NAMES)
    before |= FAR | {
        "barrel.ts": "".join(f"export * from './{one}';\n" for one in NAMES),
        "a.ts": asking(asked, NAMES),
        "added.ts": imports + "".join(added),
        "z.ts": asking([f"{one}.w" for one in more], ["barrel"] * MODULES),
    }
    for path, text in (
        (f"{NAMES[at]}.ts", other[at].text(at, NAMES)),
        ("a.ts", asking(more, NAMES)),
        ("z.ts", asking(asked, ["barrel"] * MODULES)),
        ("added.ts", "// More.\n" + before["added.ts"]),
    ):
        with suppress(NotRelinkable):  # A few meet a bound.
            again(before, {**before, path: text})
