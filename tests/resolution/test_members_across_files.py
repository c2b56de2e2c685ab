from __future__ import annotations

import pytest
from tests.resolution.written import Index, Source

from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolFlag, SymbolKind, Target

pytestmark = pytest.mark.proves("W4")

CLASS, CONSTANT, INTERFACE = SymbolKind.CLASS, SymbolKind.CONSTANT, SymbolKind.INTERFACE
FUNCTION, METHOD, PROPERTY = SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.PROPERTY
MODULE, NAMESPACE = SymbolKind.MODULE, SymbolKind.NAMESPACE
EXTENDS, TYPE_USE = ReferenceKind.EXTENDS, ReferenceKind.TYPE


def heir(base: str, *, of: str = "./base", name: str = "Heir") -> Source:
    """A file with a class that extends an imported one."""
    return Source().bind(of, base).export(name, CLASS).use(base, kind=EXTENDS)


def own_member(source: Source, name: str) -> Source:
    """`this.name` inside the first class of `source`."""
    return source.use_target(name, Target.INSTANCE_MEMBER, 0, name)


def last_end(sources: dict[str, Source], path: str = "a.ts") -> str:
    return Index(sources).ends(path)[-1]


def test_a_member_that_a_class_inherits_is_found_in_the_file_of_its_base():
    base = Source().export("Base", CLASS).member("run", METHOD)
    assert last_end({"a.ts": own_member(heir("Base"), "run"), "base.ts": base}) == "base.ts#run"


def test_an_inherited_member_is_found_over_several_files_and_the_nearest_wins():
    root = Source().export("Root", CLASS).member("run", METHOD).member("stop", METHOD)
    base = heir("Root", of="./root", name="Base").member("stop", METHOD)
    sources = {"root.ts": root, "base.ts": base}
    assert last_end({"a.ts": own_member(heir("Base"), "run"), **sources}) == "root.ts#run"
    assert last_end({"a.ts": own_member(heir("Base"), "stop"), **sources}) == "base.ts#stop"


def test_a_member_of_the_class_itself_is_not_what_it_inherits():
    base = Source().export("Base", CLASS).member("run", METHOD)
    source = Source().bind("./base", "Base").export("Heir", CLASS).use("Base", kind=EXTENDS)
    source.member("run", METHOD).use_target("run", Target.INSTANCE_MEMBER, 0, "run")
    assert last_end({"a.ts": source, "base.ts": base}) == "base.ts#run"


def test_an_inherited_instance_member_is_not_static():
    base = Source().export("Base", CLASS).member("run", METHOD, SymbolFlag.STATIC)
    sources = {"a.ts": own_member(heir("Base"), "run"), "base.ts": base}
    assert last_end(sources) == "unknown_receiver"


def test_a_static_member_is_inherited_too():
    base = Source().export("Base", CLASS).member("make", METHOD, SymbolFlag.STATIC)
    user = Source().bind("./heir", "Heir").use("Heir", "make").use("Heir", "gone")
    index = Index({"a.ts": user, "heir.ts": heir("Base"), "base.ts": base})
    assert index.ends("a.ts") == ["base.ts#make", "unknown_receiver"]


def test_what_an_interface_of_the_same_name_extends_is_inherited_as_well():
    base = Source().export("Mixin", INTERFACE).member("mixed", METHOD)
    source = Source().bind("./base", "Mixin").export("Heir", CLASS).export("Heir", INTERFACE)
    source.use("Mixin", kind=EXTENDS)
    assert last_end({"a.ts": own_member(source, "mixed"), "base.ts": base}) == "base.ts#mixed"


def test_a_member_that_an_external_base_may_have_is_external():
    assert last_end({"a.ts": own_member(heir("Component", of="react"), "setState")}) == "external"


def test_a_member_that_no_base_declares_stays_unknown():
    base = Source().export("Base", CLASS)
    sources = {"a.ts": own_member(heir("Base"), "gone"), "base.ts": base}
    assert last_end(sources) == "unknown_receiver"


def test_classes_that_extend_each_other_end():
    sources = {
        "a.ts": own_member(heir("B", of="./b", name="A"), "gone"),
        "b.ts": heir("A", of="./a", name="B"),
    }
    assert last_end(sources) == "unknown_receiver"


def test_a_long_line_of_ancestors_is_followed_for_a_bounded_while():
    sources = {
        f"c{at}.ts": heir(f"C{at + 1}", of=f"./c{at + 1}", name=f"C{at}") for at in range(2_000)
    }
    sources["c2000.ts"] = Source().export("C2000", CLASS).member("run", METHOD)
    near = {"a.ts": own_member(heir("C1990", of="./c1990"), "run"), **sources}
    far = {"a.ts": own_member(heir("C0", of="./c0"), "run"), **sources}
    assert (last_end(near), last_end(far)) == ("c2000.ts#run", "unknown_receiver")


def test_bases_that_are_members_of_classes_with_such_bases_end():
    sources = {}
    for at in range(2_000):
        one = Source().bind(f"./c{at + 1}", f"C{at + 1}").export(f"C{at}", CLASS)
        sources[f"c{at}.ts"] = one.use(f"C{at + 1}", "Inner", kind=EXTENDS)
    user = Source().bind("./c0", "C0").use("C0", "gone")
    assert last_end({"a.ts": user, **sources}) == "unknown_receiver"


def test_a_property_put_on_a_function_is_reached_and_its_locals_are_not():
    menu = Source().export("Menu").member("Item", PROPERTY).member("helper", FUNCTION)
    user = Source().bind("./menu", "Menu").use("Menu", "Item").use("Menu", "helper")
    index = Index({"a.ts": user, "menu.ts": menu})
    assert index.ends("a.ts") == ["menu.ts#Item", "unknown_receiver"]


def test_the_declared_type_of_an_object_goes_before_what_it_holds():
    lib = Source().export("limits", CONSTANT).member("max", PROPERTY)
    lib.member("max", PROPERTY, SymbolFlag.OBJECT_MEMBER)
    lib.member("min", PROPERTY, SymbolFlag.OBJECT_MEMBER)
    user = Source().bind("./lib", "limits").use("limits", "max").use("limits", "min")
    index = Index({"a.ts": user, "lib.ts": lib})
    assert index.ends("a.ts") == ["lib.ts#max:2", "lib.ts#min"]


def test_a_member_of_a_type_is_no_value():
    lib = Source().export("Shape", INTERFACE).member("area", PROPERTY)
    user = Source().bind("./lib", "Shape").use("Shape", "area")
    assert last_end({"a.ts": user, "lib.ts": lib}) == "unknown_receiver"


def test_names_that_stand_beside_a_whole_export_are_its_members():
    lib = Source().export("create", named="export=").export("json")
    user = Source().bind("./lib", "export=", "lib").use("lib", "json").use("lib", "gone")
    index = Index({"a.js": user, "lib.js": lib})
    assert index.ends("a.js") == ["lib.js#json", "unknown_receiver"]


def test_names_of_an_object_that_is_exported_as_a_whole_are_its_members():
    lib = Source().export_local("export=").export("json")
    user = Source().bind("./lib", "export=", "lib").use("lib").use("lib", "json")
    index = Index({"a.js": user, "lib.js": lib})
    assert index.ends("a.js") == ["lib.js:1", "lib.js#json"]


def test_a_module_that_is_exported_again_by_require_gives_all_that_it_gives():
    lib = Source().export("create", named="export=").export("json")
    top = Source().export_from("./lib", "export=", "export=")
    user = Source().bind("./top", "export=", "lib").use("lib").use("lib", "json")
    index = Index({"a.js": user, "top.js": top, "lib.js": lib})
    assert index.ends("a.js") == ["lib.js#create", "lib.js#json"]


def undeclared(*names: str, kind: int = ReferenceKind.READ) -> Source:
    source = Source()
    for name in names:
        source.use_target(name, Target.UNDECLARED)
        source.facts.references[-1] = source.facts.references[-1]._replace(kind=kind)
    return source


def test_a_global_script_declares_for_everyone():
    script = Source().declare("__DEV__", SymbolKind.VARIABLE).declare("Shape", INTERFACE)
    script.member("area", PROPERTY)
    source = undeclared("__DEV__", "area", "window")
    index = Index({"a.ts": source, "globals.d.ts": script})
    assert index.ends("a.ts") == ["globals.d.ts#__DEV__", "undeclared", "undeclared"]
    index = Index({"a.ts": undeclared("Shape", kind=TYPE_USE), "globals.d.ts": script})
    assert index.ends("a.ts") == ["globals.d.ts#Shape"]


def test_a_global_that_only_adds_to_one_of_the_language_is_its_declaration_here():
    script = Source().declare("String", INTERFACE)
    assert last_end({"a.ts": undeclared("String"), "globals.d.ts": script}) == "globals.d.ts#String"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("globals.ts", lambda source: source),
        ("globals.d.ts", lambda source: source.export("x")),
        ("globals.d.ts", lambda source: source.bind("./b", "x")),
    ],
)
def test_a_module_and_a_program_declare_for_themselves(path, change):
    script = change(Source().declare("__DEV__", SymbolKind.VARIABLE))
    assert last_end({"a.ts": undeclared("__DEV__"), path: script}) == "undeclared"


def test_a_script_stays_one_when_it_only_refers_to_others():
    script = Source().declare("__DEV__", SymbolKind.VARIABLE)
    script._request("./other.d.ts", DependencyKind.REFERENCE_PATH)
    script._request("./types", DependencyKind.TYPE_QUERY)
    sources = {"a.ts": undeclared("__DEV__"), "globals.d.ts": script}
    assert last_end(sources) == "globals.d.ts#__DEV__"


def test_declare_global_declares_for_everyone_from_any_file():
    one = Source().bind("./b", "x").declare("global", MODULE).member("Shop", NAMESPACE)
    two = Source().bind("./b", "x").declare("global", MODULE).member("shop", SymbolKind.VARIABLE)
    sources = {"a.ts": undeclared("Shop", "shop"), "one.ts": one, "two.ts": two}
    assert Index(sources).ends("a.ts") == ["one.ts#Shop", "two.ts#shop"]


def test_of_a_global_declared_in_several_files_the_first_that_fits_is_taken():
    one = Source().declare("Shop", INTERFACE)
    two = Source().declare("Shop", SymbolKind.VARIABLE)
    source = undeclared("Shop").use_target("Shop", Target.UNDECLARED)
    source.facts.references[-1] = source.facts.references[-1]._replace(kind=TYPE_USE)
    index = Index({"a.ts": source, "one.d.ts": one, "two.d.ts": two})
    assert index.ends("a.ts") == ["two.d.ts#Shop", "one.d.ts#Shop"]


def described(name: str) -> Source:
    """A global script that describes the module `name`; its members follow."""
    return Source().declare(name, MODULE, flags=SymbolFlag.AMBIENT)


def test_a_module_that_a_script_describes_gives_its_members():
    script = described("walker").member("walk", FUNCTION, SymbolFlag.EXPORTED)
    user = Source().bind("walker", "walk").use("walk").bind("walker", "*", "all")
    user.use("all").use("all", "walk").bind("walker", "gone").use("gone")
    index = Index({"a.ts": user, "types.d.ts": script})
    expected = ["types.d.ts#walk", "types.d.ts#walker", "types.d.ts#walk", "external"]
    assert index.ends("a.ts") == expected
    assert index.asks("a.ts") == ["external_package walker"] * 3


def test_the_only_value_of_a_described_module_is_its_default_unless_it_has_a_name():
    plain = described("encode").member("encode", FUNCTION)
    named = described("decode").member("decode", FUNCTION, SymbolFlag.EXPORTED)
    user = Source().bind("encode", "default", "e").use("e").bind("decode", "default", "d").use("d")
    index = Index({"a.ts": user, "e.d.ts": plain, "d.d.ts": named})
    assert index.ends("a.ts") == ["e.d.ts#encode:2", "d.d.ts#decode:1"]


def test_a_described_module_says_what_its_default_is():
    script = described("merge").member("other", FUNCTION, SymbolFlag.EXPORTED)
    script.member("run", FUNCTION, SymbolFlag.EXPORTED | SymbolFlag.DEFAULT)
    user = Source().bind("merge", "default", "m").use("m")
    assert last_end({"a.ts": user, "types.d.ts": script}) == "types.d.ts#run"


def test_a_described_pattern_stands_for_files_that_are_no_code():
    script = described("*.vue")
    script.declare("*.special.vue", MODULE)
    user = Source().bind("./app.vue", "default", "App").use("App")
    user.bind("./x.special.vue", "default", "X").use("X").bind("./y.css", "default", "Y").use("Y")
    index = Index({"a.ts": user, "shims.d.ts": script}, {"app.vue": "", "x.special.vue": ""})
    expected = ["shims.d.ts#*.vue", "shims.d.ts#*.special.vue", "unresolved_module"]
    assert index.ends("a.ts") == expected


def test_a_described_module_does_not_hide_a_file_of_the_repository():
    lib = Source().export("walk")
    script = described("walker").member("walk", FUNCTION)
    user = Source().bind("walker", "walk").use("walk")
    files = {"a.ts": user, "lib/index.ts": lib, "types.d.ts": script}
    index = Index(files, {"lib/package.json": {"name": "walker"}})
    assert index.ends("a.ts") == ["lib/index.ts#walk"]


def test_an_import_inside_a_described_module_leaves_the_script_global():
    script = described("walker").member("walk", FUNCTION).bind("pica", "Pica")
    module = script.facts.symbols[0]
    script.facts.symbols[0] = module._replace(end_line=script.line)
    user = Source().bind("walker", "walk").use("walk")
    assert last_end({"a.ts": user, "types.d.ts": script}) == "types.d.ts#walk"
