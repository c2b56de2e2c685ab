"""Of a commit with a few changes a part is linked, and all of it is as if all had been linked."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolution.inference.cases import files_of
from tests.resolution.inference.programs import ASKED, MODULES, PROGRAMS, asking
from tests.resolution.parts import Again, whole

from indexer.parsing.languages import grammars_for
from indexer.parsing.parser import parse_file
from indexer.resolution import link
from indexer.resolution.answers import AnsweredRequest
from indexer.resolution.face import face_of
from indexer.resolution.inference import evaluate
from indexer.resolution.places import BeyondReach, UnreadModule
from indexer.resolution.reach import NOTHING_KNOWN, are_numbers_of, leading_to, led_to
from indexer.resolution.relinking import NotRelinkable

CASES = sorted((Path(__file__).parent / "inference" / "cases").iterdir())
NEVER_IN_PART = {"aliases_of_themselves", "modules_that_list_themselves"}
NAMES = [f"m{at}" for at in range(MODULES)]

SHOP = {
    "package.json": '{"name": "shop", "exports": {".": "./index.ts", "./till": "./till.ts"}}',
    "index.ts": 'export * from "./cart";\nexport { Coin as Money } from "./coin";\n',
    "cart.ts": 'import { Coin } from "./coin";\nimport { z } from "zod";\n'
    "export class Cart { coins: Coin[] = []; pay() { z.string(); return this.coins[0].value; } }\n",
    "coin.ts": "export class Coin { value = 1; spend() { return this; } }\n",
    "till.ts": 'import { Cart } from "./index";\nexport const till = new Cart();\ntill.pay();\n',
    "clock.ts": 'import { format } from "dates";\nexport function now() { return format(1); }\n',
    "clock.test.ts": 'import { now } from "./clock";\nnow();\n',
    "other.ts": "export const other = 1;\n",
    "more.ts": "export const more = 2;\n",
    "last.ts": 'import { more } from "./more";\nimport { object } from "zod";\nobject(more);\n',
}
FOR_ALL = {
    "globals.d.ts": "declare function beep(): Horn;\n"
    'interface Horn { blow(): import("./horn").Air }\n'
    'declare module "wind" { export const gust: number }\n',
    "horn.ts": "export class Air { hot() {} }\n",
    "uses.ts": "beep().blow().hot();\n",
    "wind.ts": 'import { gust } from "wind";\ngust;\n',
    "none.ts": "export const none = 0;\n",
    "none.test.ts": 'import { none } from "./none";\nnone;\n',
    "plain.ts": "export const plain = 1;\n",
    "other.ts": "export const other = 1;\n",
}


def changed(texts, **edits):
    after = dict(texts)
    for name, (old, new) in edits.items():
        path = f"{name}.ts"
        assert old in after[path]
        after[path] = after[path].replace(old, new)
    return after


def again(before, after):
    found = Again(before, after)
    found.assert_is(whole(after))
    return found


@pytest.mark.parametrize(
    ("edits", "relinked"),
    [
        ({"other": ("1", "2")}, ["other.ts"]),
        ({"till": ("till.pay()", "till.coins")}, ["till.ts"]),
        ({"clock": ("return format(1)", "return 1")}, ["clock.test.ts", "clock.ts"]),
        ({"cart": ("pay", "settle")}, ["cart.ts", "index.ts", "till.ts"]),
        (
            {"more": ("export const more = 2", "export const most = 2, even = 3")},
            ["last.ts", "more.ts"],
        ),
        (
            {"other": ("1", "2"), "till": ('"./index"', '"./clock"')},
            ["other.ts", "till.ts"],
        ),
        ({"last": ('"zod"', '"yup"'), "clock": ("format", "zone")}, None),
        ({}, []),
    ],
)
def test_what_leads_to_a_change_is_linked_again(edits, relinked):
    found = again(SHOP, changed(SHOP, **edits))
    assert relinked is None or found.relinked == relinked


def moved(texts, **paths):
    """Some files, by their names, at other paths; None: nowhere."""
    after = dict(texts)
    for name, path in paths.items():
        text = after.pop(f"{name}.ts")
        if path is not None:
            after[path] = text
    return after


ANSWERED_LATER = {
    **SHOP,
    "picture.ts": 'import "./logo.svg";\nimport { gone } from "./gone";\ngone();\n',
    "names.ts": 'export { gone } from "./gone";\nexport * from "./later";\n',
    "asks.ts": 'import { gone, late } from "./names";\ngone(late);\n',
}


@pytest.mark.parametrize(
    ("before", "after", "relinked", "readdressed"),
    [
        (SHOP, {**SHOP, "a.ts": "export const a = 1;\n"}, ["a.ts"], []),
        (SHOP, {**SHOP, "zoo.ts": 'import { till } from "./till";\ntill;\n'}, ["zoo.ts"], []),
        (SHOP, moved(SHOP, other=None), [], []),
        (SHOP, moved(SHOP, other="another.ts"), ["another.ts"], []),
        (SHOP, {**SHOP, "NOTES.md": "Notes."}, [], []),
        (
            SHOP,
            moved(SHOP, clock="time.ts"),
            ["clock.test.ts", "time.ts"],
            ["clock.test.ts"],
        ),
        (SHOP, moved(SHOP, till=None), [], []),
        # A folder of that name would have been asked before.
        (SHOP, moved(SHOP, more="more/index.ts"), ["last.ts", "more/index.ts"], ["last.ts"]),
        (
            SHOP,
            {**moved(SHOP, other=None), "clock.d.ts": "export function now(): number;\n"},
            ["clock.d.ts"],
            [],
        ),
        (
            ANSWERED_LATER,
            {**ANSWERED_LATER, "logo.svg": "<svg />"},
            ["picture.ts"],
            ["picture.ts"],
        ),
        (
            ANSWERED_LATER,
            {**ANSWERED_LATER, "gone.ts": "export function gone() {}\n"},
            ["asks.ts", "gone.ts", "names.ts", "picture.ts"],
            ["names.ts", "picture.ts"],
        ),
        (
            ANSWERED_LATER,
            {**ANSWERED_LATER, "later/index.ts": "export const late = 1;\n"},
            ["asks.ts", "later/index.ts", "names.ts"],
            ["names.ts"],
        ),
    ],
)
def test_paths_that_come_and_go_are_seen_by_who_asks_for_them(before, after, relinked, readdressed):
    found = again(before, after)
    assert found.relinked == relinked
    assert [sorted(filter(grammars_for, after))[one] for one in found.readdressed] == readdressed
    back = again(after, before)
    paths = sorted(filter(grammars_for, before))
    assert [paths[one] for one in back.readdressed] == readdressed


CARTS = {
    "cart.ts": "export class Cart { pay() {} }\n",
    "side.ts": "export class Cart { pay() {} }\n",
    "barrel.ts": 'export * from "./cart";\n',
    "one.ts": 'import { Cart } from "./barrel";\nnew Cart().pay();\n',
    "tsconfig.json": '{"compilerOptions": {"paths": {"@cart": ["./cart.ts"]}}}',
    "shop.ts": 'import { Cart } from "@cart";\nexport function shop() { return new Cart(); }\n',
    "two.ts": 'import { shop } from "./shop";\nshop().pay();\n',
    **{f"far/{at}.ts": f"export const far{at} = {at};\n" for at in range(8)},
}


@pytest.mark.parametrize(
    ("after", "asking", "led_to"),
    [
        (moved(CARTS, cart=None), "barrel.ts", None),
        (moved(CARTS, cart="cart.tsx"), "barrel.ts", ("cart.tsx", 1)),
        (moved(CARTS, cart="cart/index.ts"), "barrel.ts", ("cart/index.ts", 1)),
        (moved(CARTS, cart=None), "shop.ts", None),
        (
            {**CARTS, "tsconfig.json": CARTS["tsconfig.json"].replace("./cart", "./side")},
            "shop.ts",
            ("side.ts", 1),
        ),
    ],
    ids=["gone", "another ending", "a folder", "gone behind an alias", "an alias moved"],
)
def test_a_file_that_looks_as_before_is_seen_where_its_imports_are_answered_otherwise(
    after, asking, led_to
):
    """It was edited in the same commit, so that it is a changed file, too."""
    user = {"barrel.ts": "one.ts", "shop.ts": "two.ts"}[asking]
    after = {**after, asking: f"// More.\n{after[asking]}"}
    found = again(CARTS, after)
    assert {asking, user} <= set(found.relinked)
    assert [one[-1] for one in found.references[user] if one[3] == "pay"] == [led_to]
    again(after, CARTS)


def test_what_a_package_offers_by_its_files_moves_with_them():
    open_one = {
        **{path: text for path, text in SHOP.items() if path != "package.json"},
        "package.json": '{"name": "shop", "main": "./index.ts"}',
    }
    before = [one.subpath for one in whole(open_one).entries]
    after = {**open_one, "dawn.ts": "export const dawn = 1;\n"}
    assert [one.subpath for one in again(open_one, after).entries] == sorted([*before, "dawn"])
    assert [one.subpath for one in again(after, open_one).entries] == before


FACES = {
    "purse.ts": "export interface Purse { coin: string }\n"
    "export function purse() {\n  const inner = 1;\n  return { coins: inner, open() {} };\n}\n"
    "export class Coin {\n  value = 1;\n  spend(of: Purse) { return this.value; }\n}\n"
    "export namespace bank { export namespace hours {}\nexport function open() {} }\n",
    "user.ts": 'import { Coin, purse } from "./purse";\npurse().coins;\nnew Coin().value;\n',
    "named.ts": 'import { Coin } from "./purse";\nnew Coin().spend;\n',
    "settings.js": "module.exports = {\n  [1]: { far: 1 },\n};\n",
    "far/1.ts": "export {};\n",
    "far/2.ts": "export {};\n",
    "far/3.ts": "export {};\n",
    "far/4.ts": "export {};\n",
}
NOBODY, WHO_USES_LINES, ALL_WHO_LEAD = ["purse.ts"], ["purse.ts", "user.ts"], None


@pytest.mark.parametrize(
    ("old", "new", "relinked"),
    [
        ("const inner = 1;", "const inner = 2; // Two.", NOBODY),
        ("const inner = 1;", "const inner = 1; inner.x; if (inner) { inner.y(); }", NOBODY),
        ("return this.value;", "{ const of = 1; }\n  return this.value;", NOBODY),
        ("spend(of: Purse) {", "/** Spends. */ spend(of: Purse) {", NOBODY),
        ("  const inner = 1;", "\n  const inner = 1;", WHO_USES_LINES),
        ("coins: inner", "coins: 1", NOBODY),
        ("coins: inner", "coins: new Coin()", ALL_WHO_LEAD),
        ("return this.value;", "return this;", ALL_WHO_LEAD),
        ("of: Purse", "of: Coin", ALL_WHO_LEAD),
        ("coins: inner,", "more: 1, coins: inner,", ALL_WHO_LEAD),
        ("  value = 1;", "  static value = 1;", ALL_WHO_LEAD),
        ("export interface", "interface", ALL_WHO_LEAD),
        # The same names of the same kinds, one of them in another one.
        ("hours {}\nexport function open() {} }", "hours { export function open() {} } }", None),
        ("const inner = 1;", "const inner = 1; function more() {}", ALL_WHO_LEAD),
        ("const inner = 1;", 'const inner = 1; import("./user");', ALL_WHO_LEAD),
    ],
)
def test_what_others_do_not_see_is_linked_again_for_none_of_them(old, new, relinked):
    assert old in FACES["purse.ts"]
    after = {**FACES, "purse.ts": FACES["purse.ts"].replace(old, new)}
    found = again(FACES, after)
    assert found.relinked == (relinked or ["named.ts", "purse.ts", "user.ts"])


def test_what_is_exported_without_a_name_is_seen_on_its_line():
    before = {
        **FACES,
        "settings.js": "const far = 1;\nmodule.exports = { far, near: 2 };\n",
        "asks.js": 'const all = require("./settings");\nall.near;\n',
    }
    moved = {**before, "settings.js": "// Moved.\n" + before["settings.js"]}
    assert "asks.js" in again(before, moved).relinked


def test_what_goes_round_in_a_circle_does_not_depend_on_who_asked_first():
    circle = {
        "f.ts": 'import { g } from "./g";\nexport class Coin { x() {} }\n'
        "const f = () => g() ?? new Coin();\nexport const made = f();\nf().x;\n",
        "g.ts": 'import { made } from "./f";\nexport class Purse { x() {} }\n'
        "export const g = () => made ?? new Purse();\n",
        "far.ts": "export {};\n",
        "z.ts": 'import { g } from "./g";\ng().x;\n',
    }
    found = again(circle, {**circle, "z.ts": circle["z.ts"] + "g().x;\n"})
    assert found.relinked == ["z.ts"]
    # What `f` gives comes first where `g` is asked, and what `g` gives where `f` is.
    assert {one[-1] for one in found.references["z.ts"] if one[3] == "x"} == {("f.ts", 1)}
    assert {one[-1] for one in found.references["f.ts"] if one[3] == "x"} == {("g.ts", 1)}


def test_equal_types_at_other_places_look_the_same_and_lines_that_meet_do_not():
    text = "export function f<T>(of: T) {\n  return cond\n    ? { a: of }\n    : { a: of };\n}\n"
    there = face_of("f.ts", parse_file(text.encode(), "f.ts"))
    moved = face_of("f.ts", parse_file(b"\n" + text.encode(), "f.ts"))
    together = face_of("f.ts", parse_file(text.replace("\n    :", " :").encode(), "f.ts"))
    assert there.digest == moved.digest
    assert [line + 1 for line in there.members] == list(moved.members)
    assert there.digest != together.digest


def test_only_what_a_linked_file_asks_for_is_read():
    found = again(SHOP, changed(SHOP, till=("till.pay()", "till.coins")))
    read = {found.files[at][0] for at in found.files.looked_at}
    assert read == {"till.ts", "index.ts", "cart.ts"}


def test_a_change_that_reaches_most_files_is_none_of_a_part():
    with pytest.raises(NotRelinkable, match="reaches most files"):
        Again(SHOP, changed(SHOP, coin=("value", "worth"), more=("2", "3")))


def test_what_uses_a_global_leads_to_the_file_that_declares_it():
    found = again(FOR_ALL, changed(FOR_ALL, horn=("hot", "cold")))
    # wind.ts imports what the same file describes.
    assert found.relinked == ["globals.d.ts", "horn.ts", "uses.ts", "wind.ts"]
    assert [one[3] for one in found.references["uses.ts"]] == ["beep", "blow", "hot"]


def test_what_asks_the_window_leads_to_the_file_that_adds_to_it():
    window = 'interface Window { air: import("./horn").Air }\n'
    texts = FOR_ALL | {"globals.d.ts": FOR_ALL["globals.d.ts"] + window}
    texts |= {"uses.ts": "window.air.hot();\n"}
    found = again(texts, changed(texts, horn=("hot", "cold")))
    assert "uses.ts" in found.relinked
    assert [one[3] for one in found.references["uses.ts"]] == ["window", "air", "hot"]


def test_what_imports_a_described_module_leads_to_its_description():
    described = whole(FOR_ALL).linked.files[sorted(FOR_ALL).index("wind.ts")]
    assert described.leads_to == [sorted(FOR_ALL).index("globals.d.ts")]


@pytest.mark.parametrize(
    "edit",
    [
        {"globals.d": ("blow", "toot")},
        {"none": ("export", "declare global { function boo(): void }\nexport")},
        {"globals.d": ("declare function beep(): Horn;", "export {};")},
    ],
)
def test_where_a_file_that_declares_for_all_changes_all_is_linked(edit):
    with pytest.raises(NotRelinkable, match="declares for all"):
        Again(FOR_ALL, changed(FOR_ALL, **edit))


def test_where_a_file_that_declares_for_all_comes_or_goes_all_is_linked():
    fewer = {path: text for path, text in FOR_ALL.items() if path != "globals.d.ts"}
    for before, after in ((FOR_ALL, fewer), (fewer, FOR_ALL)):
        with pytest.raises(NotRelinkable, match="declares for all"):
            Again(before, after)
    with pytest.raises(NotRelinkable, match="declares for all"):
        Again(FOR_ALL, {**fewer, "moved.d.ts": FOR_ALL["globals.d.ts"]})


def test_what_met_a_bound_is_not_linked_in_part(monkeypatch):
    steps = "".join(f"const v{at + 1} = v{at};\n" for at in range(10))
    shallow = {**SHOP, "deep.ts": f"class Cart {{ pay() {{}} }}\nconst v0 = new Cart();\n{steps}"}
    deep = {**shallow, "deep.ts": f"{shallow['deep.ts']}v10.pay();\n"}
    assert whole(deep).linked is not None
    monkeypatch.setattr(evaluate, "MAX_DEPTH", 5)
    assert whole(deep).linked is None
    assert whole(shallow).linked is not None
    with pytest.raises(NotRelinkable, match="bound"):
        Again(shallow, deep)
    with pytest.raises(NotRelinkable, match="bound"):
        Again(deep, shallow)


def test_what_used_up_the_looks_of_a_commit_is_not_linked_in_part(monkeypatch):
    """Whose patterns are put to paths no more depends on who was asked about first."""
    members = {**SHOP, "tsconfig.json": '{"include": ["*/**/*.js", "*.ts"]}'}
    after = changed(members, other=("1", "2"))
    again(members, after)
    taken = whole(members).linked.taken.glob_looks
    assert taken > 0
    monkeypatch.setattr(link, "_MOST_TAKEN", link._MOST_TAKEN._replace(glob_looks=2 * taken))
    with pytest.raises(NotRelinkable, match="bound"):
        Again(members, after)
    monkeypatch.setattr(link, "_MOST_TAKEN", link._MOST_TAKEN._replace(glob_looks=taken))
    assert whole(members).linked is None


def test_what_used_up_the_steps_of_a_commit_is_not_linked_in_part(monkeypatch):
    """From then on no question may be a long one, whoever asks it."""
    asks = "".join(f"const q{at + 1} = q{at};\n" for at in range(27))
    many = 'import { Coin } from "./coin";\nconst q0 = new Coin();\n' + asks + "q27.spend();\n"
    before = {**SHOP, **{f"q{at}.ts": many for at in range(3)}}
    after = {**before, "a.ts": many}
    monkeypatch.setattr(evaluate, "MANY_STEPS", 20)
    again(before, after)
    taken = whole(before).linked.taken.steps_of_many
    assert taken > 3 * 20
    most = taken + 20
    monkeypatch.setattr(evaluate, "MAX_STEPS_OF_MANY", most)
    monkeypatch.setattr(link, "_MOST_TAKEN", link._MOST_TAKEN._replace(steps_of_many=most))
    with pytest.raises(NotRelinkable, match="bound"):
        Again(before, after)
    assert whole(after).linked is None


@pytest.mark.parametrize("path", CASES, ids=lambda one: one.stem)
def test_every_case_of_the_inference_is_the_same_linked_in_part(path):
    """Each file of a case changes in its turn, beside others that it does not reach."""
    linked = []
    texts = {f"case/{name}": text for name, text in files_of(path.name, path.read_text()).items()}
    for name in filter(grammars_for, texts):
        others = {f"far/{at}.ts": "export const far = 1;\n" for at in range(len(texts) + 1)}
        before = {**others, **texts}
        after = {**before, name: "// a line more\n" + texts[name] + "\nfunction more() {}\n"}
        with suppress(NotRelinkable):  # A few declare for all, or go round in circles.
            again(before, after)
            linked.append(name)
    assert linked or path.stem in NEVER_IN_PART


@settings(max_examples=40)
@given(
    program=PROGRAMS,
    other=PROGRAMS,
    at=st.integers(0, MODULES - 1),
    asked=ASKED,
    more=ASKED,
)
def test_any_program_is_the_same_linked_in_part(program, other, at, asked, more):
    before = {f"{NAMES[one]}.ts": written.text(one, NAMES) for one, written in enumerate(program)}
    before |= {f"far{one}.ts": "export {};\n" for one in range(8)}
    before |= {"a.ts": asking(asked, NAMES), "z.ts": asking(more, NAMES)}
    with suppress(NotRelinkable):  # A few meet a bound.
        again(before, {**before, f"{NAMES[at]}.ts": other[at].text(at, NAMES)})
    with suppress(NotRelinkable):
        again(before, {**before, "a.ts": asking(more, NAMES)})


FRONT = '{"compilerOptions": {"paths": {"@front": ["./front"]}}}'


@settings(max_examples=60)
@given(
    program=PROGRAMS,
    at=st.integers(0, MODULES - 1),
    to=st.integers(0, MODULES - 1),
    asked=ASKED,
    specifier=st.sampled_from(["@front", "./front"]),
    path=st.sampled_from([None, "front.ts", "front.tsx", "front/index.ts"]),
)
def test_any_program_is_the_same_where_an_edited_file_is_answered_otherwise(
    program, at, to, asked, specifier, path
):
    """Only the barrel asks for `front`, and looks the same from outside with a comment more."""
    before = {f"{NAMES[one]}.ts": written.text(one, NAMES) for one, written in enumerate(program)}
    others = "".join(f"export * from './{one}';\n" for one in NAMES if one != NAMES[at])
    own = f"import {{ C{at} as Own }} from '{specifier}';\nexport const own = () => new Own();\n"
    before |= {
        "front.ts": before[f"{NAMES[at]}.ts"],
        "tsconfig.json": FRONT,
        "barrel.ts": f"export * from '{specifier}';\n{others}{own}",
        "z.ts": asking(asked, ["barrel"] * MODULES) + "import { own } from './barrel';\nown().x;\n",
    }
    before |= {f"far{one}.ts": "export {};\n" for one in range(8)}
    after = moved(before, front=path)
    after["tsconfig.json"] = FRONT if to == at else FRONT.replace("./front", NAMES[to])
    after["barrel.ts"] = f"// More.\n{before['barrel.ts']}"
    for one, other in ((before, after), (after, before)):
        with suppress(NotRelinkable):  # A few meet a bound.
            again(one, other)


def test_a_file_that_is_not_to_be_read_is_not_taken_for_an_empty_one():
    module = UnreadModule(3, "far.ts", 7, None)
    assert (module.path, module.first_symbol, module.is_read) == ("far.ts", 7, False)
    with pytest.raises(BeyondReach, match=r"exports of far\.ts"):
        _ = module.exports


def test_reach_goes_both_ways_and_round():
    files = [NOTHING_KNOWN._replace(leads_to=leads_to) for leads_to in ([1], [2], [1], [2], [])]
    assert leading_to(files, [2]) == {0, 1, 2, 3}
    assert leading_to(files, [0, 4]) == {0, 4}
    assert led_to(files, [0]) == {0, 1, 2}
    assert are_numbers_of(files, 5)
    assert not are_numbers_of(files, 4)
    assert not are_numbers_of(files[:2], 2)
    asking = NOTHING_KNOWN._replace(requests=[AnsweredRequest("./b", 1, 1, None, None)])
    assert are_numbers_of([asking, NOTHING_KNOWN], 2)
    assert not are_numbers_of([asking], 1)
