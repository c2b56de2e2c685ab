import platform
import stat
import sys

import pytest
from tests.contract.project import template, text

from kotadb_local.built import build
from kotadb_local.built.artifacts import (
    BuildMissing,
    built_functions,
    bytes_of,
    own_architecture,
    template_for,
)
from kotadb_local.built.build import PythonMissing, find_python
from kotadb_local.built.emulator import Emulator
from kotadb_local.built.trim import compile_modules, drop_unused_services


def program(folder, name, body):
    """An executable script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def python(folder, version, name="python3.13"):
    """A program that says it is a Python of this version."""
    return program(folder, name, f"echo '{version}'; echo {folder}/{name}")


def test_the_first_python_of_the_version_that_runs_is_taken(tmp_path, monkeypatch):
    shim = program(tmp_path / "shims", "python3.13", "echo 'pyenv: not active' >&2; exit 127")
    python(tmp_path / "other", "3 12")
    right = python(tmp_path / "right", "3 13")
    monkeypatch.setenv("PATH", f"{shim.parent}:{tmp_path / 'other'}:{right.parent}")
    assert find_python(None) == right


def test_a_python_that_pyenv_has_need_not_be_active(tmp_path, monkeypatch):
    kept = python(tmp_path / "pyenv" / "versions" / "3.13.1" / "bin", "3 13")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert find_python(None) == kept
    assert find_python(str(kept)) == kept


@pytest.mark.parametrize("version", ["3 12", "4 13", ""])
def test_a_python_that_is_named_has_to_be_of_the_version(tmp_path, version):
    with pytest.raises(PythonMissing) as refused:
        find_python(str(python(tmp_path, version)))
    assert "make build PYTHON313=/path/to/python" in str(refused.value)
    with pytest.raises(PythonMissing):
        find_python(str(tmp_path / "nothing"))


def test_who_has_no_such_python_is_told_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert build.main(["--sam", "sam"]) == build.UNUSABLE
    assert "python3.13 was found; install it" in capsys.readouterr().err


def test_the_build_says_which_python_it_would_take(tmp_path, capsys):
    right = python(tmp_path, "3 13")
    assert build.main(["--sam", "sam", "--python", str(right), "--print-python"]) == 0
    assert capsys.readouterr().out == f"{right}\n"


def test_a_sam_that_fails_is_told(tmp_path, capsys):
    right = python(tmp_path, "3 13")
    sam = program(tmp_path, "sam", "exit 3")
    assert build.main(["--sam", str(sam), "--python", str(right)]) == build.FAILED
    assert capsys.readouterr().err == "error: sam failed\n"


def test_for_another_processor_nothing_of_the_template_changes_but_that():
    other = template_for(text("template.yaml"), "x86_64")
    assert "arm64" not in other
    assert other.replace("x86_64", "arm64") == text("template.yaml")
    assert other.count("x86_64") == 3
    functions = template()["Globals"]["Function"]
    assert functions["Architectures"] == ["arm64"]


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [("x86_64", "x86_64"), ("AMD64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64")],
)
def test_lambda_has_a_name_for_this_processor(monkeypatch, machine, architecture):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert own_architecture() == architecture


def test_a_processor_that_lambda_does_not_have_is_refused(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(BuildMissing, match="this machine is riscv64"):
        own_architecture()


BUILT = """
Parameters: {Memory: {Type: Number, Default: 2048}}
Resources:
  IndexerLayer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: IndexerLayer}}
  Roles: {Type: AWS::IAM::Role}
  One:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: One, Handler: a.b, MemorySize: {Ref: Memory}, Timeout: 9,
                 EphemeralStorage: {Size: 700}}
  Two:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: Two, Handler: c.d, MemorySize: 128, Timeout: 3}
"""


def test_a_build_tells_what_each_function_may_use(tmp_path):
    for folder in ("One", "Two", "IndexerLayer"):
        (tmp_path / folder).mkdir()
    (tmp_path / "template.yaml").write_text(BUILT)
    one, two = built_functions(tmp_path)
    assert (one.handler, one.memory_mb, one.timeout, one.tmp_mb) == ("a.b", 2048, 9, 700)
    assert (two.handler, two.memory_mb, two.timeout, two.tmp_mb) == ("c.d", 128, 3, 512)
    assert one.layer == two.layer == tmp_path / "IndexerLayer"


def test_a_build_that_is_not_there_or_not_whole_says_how_to_make_it(tmp_path):
    with pytest.raises(BuildMissing, match="make build"):
        built_functions(tmp_path)
    (tmp_path / "template.yaml").write_text(BUILT)
    (tmp_path / "IndexerLayer").mkdir()
    (tmp_path / "One").mkdir()
    with pytest.raises(BuildMissing, match="lacks Two; make it anew"):
        built_functions(tmp_path)
    with pytest.raises(BuildMissing, match=r"make build-here|runs on Linux"):
        Emulator.of(tmp_path, project=tmp_path)


def test_a_layer_keeps_the_services_that_are_called(tmp_path):
    for service in ("lambda", "secretsmanager", "sts", "ec2", "s3"):
        for package in ("botocore", "boto3"):
            (tmp_path / package / "data" / service / "2015").mkdir(parents=True)
    (tmp_path / "botocore" / "data" / "endpoints.json").write_text("{}")
    assert drop_unused_services(tmp_path) == 2
    kept = {path.name for path in (tmp_path / "botocore" / "data").iterdir()}
    assert kept == {"lambda", "secretsmanager", "sts", "endpoints.json"}
    assert drop_unused_services(tmp_path) == 0


def test_compiled_modules_name_the_files_that_lambda_has(tmp_path):
    (tmp_path / "own.py").write_text("def where():\n    raise ValueError\n")
    compile_modules(tmp_path, python=sys.executable, deployed_at="/var/task")
    (compiled,) = (tmp_path / "__pycache__").iterdir()
    assert b"/var/task/own.py" in compiled.read_bytes()
    # Unchecked: the source is not looked at, whatever its time.
    assert compiled.read_bytes()[4:8] == (1).to_bytes(4, "little")


def test_the_size_is_that_of_all_files(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "one").write_bytes(b"x" * 10)
    (tmp_path / "deep" / "er" / "two").write_bytes(b"x" * 32)
    (tmp_path / "link").symlink_to("one")
    assert bytes_of(tmp_path) == 10 + 32 + len("one")
