"""The way over TLS: who is trusted, what the headers hold, and where connections go."""

from __future__ import annotations

import errno
import ssl
from base64 import b64encode

import pytest
from tests.support import git_server
from tests.support.certificates import write_certificate
from tests.support.git_server import GitServer

from indexer.git import failures, pack, protocol, transport
from indexer.git.limits import FetchLimits, Meter
from indexer.git.remote import Remote, RepositoryInvalid
from indexer.git.transport import HttpTransport


@pytest.fixture
def certificate(tmp_path):
    return write_certificate(tmp_path / "certificate.pem")


@pytest.fixture
def tls_server(repository, tmp_path, certificate):
    repository.commit_files({"a.ts": b"a"})
    with GitServer(tmp_path / "remotes", certificate=certificate) as running:
        yield running


def way_to(server, *, host="localhost", trusted=None, token=None, public_only=False):
    context = ssl.create_default_context(cafile=trusted) if trusted else None
    meter = Meter(limits=FetchLimits(public_only=public_only), report=lambda _progress: None)
    location = f"https://{host}:{server.port}/owner/sources.git"
    return HttpTransport(location, meter=meter, token=token, context=context)


def capabilities_over(way):
    try:
        with way.advertise() as stream:
            return protocol.read_capabilities(stream)
    finally:
        way.close()


@pytest.mark.proves("W10")
def test_a_token_goes_into_the_authorization_header_over_tls(tls_server, certificate):
    way = way_to(tls_server, trusted=certificate, token="ghs_secret")
    assert capabilities_over(way).filters
    ((_, path, headers),) = tls_server.log
    expected = b64encode(b"x-access-token:ghs_secret").decode()
    assert headers["Authorization"] == f"Basic {expected}"
    assert "ghs_secret" not in path


def test_no_compression_is_asked_for_so_that_nothing_can_be_a_bomb(tls_server, certificate):
    capabilities_over(way_to(tls_server, trusted=certificate))
    ((_, _, headers),) = tls_server.log
    assert headers["Accept-Encoding"] == "identity"


def test_a_certificate_that_nobody_trusts_is_refused_before_anything_is_sent(tls_server):
    with pytest.raises(failures.CertificateRefused):
        capabilities_over(way_to(tls_server, token="ghs_secret"))
    assert tls_server.log == []


def test_a_certificate_for_another_host_is_refused(tls_server, certificate):
    with pytest.raises(failures.CertificateRefused):
        capabilities_over(way_to(tls_server, host="127.0.0.1", trusted=certificate))
    assert tls_server.log == []


def test_a_name_that_leads_inside_is_refused_before_any_connection(tls_server, certificate):
    with pytest.raises(failures.AddressRefused):
        capabilities_over(way_to(tls_server, trusted=certificate, public_only=True))
    assert tls_server.log == []


def test_a_host_that_does_not_exist_is_unavailable(tls_server):
    with pytest.raises(failures.RemoteUnavailable):
        capabilities_over(way_to(tls_server, host="no-such-host.invalid"))


def test_plain_words_where_tls_is_expected_are_refused(server):
    with pytest.raises((failures.CertificateRefused, failures.RemoteUnavailable)):
        capabilities_over(way_to(server))


def test_the_scheme_of_a_remote_chooses_the_way_and_whether_a_token_goes_along():
    meter = Meter(limits=FetchLimits(), report=lambda _progress: None)
    for text, kind, sent in (
        ("https://github.com/a/b", HttpTransport, True),
        ("http://127.0.0.1/a/b", HttpTransport, True),
        ("/srv/a", transport.LocalTransport, False),
    ):
        remote = Remote.parse(text, allowed_hosts=("github.com",), allow_local=True)
        way = transport.to(remote, meter=meter, token="ghs_secret")
        assert isinstance(way, kind)
        assert ("Authorization" in getattr(way, "_headers", {})) is sent
    # Plain http is spoken within this machine alone.
    for elsewhere in ("http://github.com/a/b", "http://192.168.0.1/a/b"):
        with pytest.raises(RepositoryInvalid):
            Remote.parse(elsewhere, allowed_hosts=("github.com",), allow_local=True)


def test_a_machine_without_git_cannot_serve_local_repositories(repository, monkeypatch):
    meter = Meter(limits=FetchLimits(), report=lambda _progress: None)
    monkeypatch.setenv("PATH", "/nowhere")
    way = transport.LocalTransport(str(repository.path), meter=meter)
    with pytest.raises(failures.GitMissing), way.advertise():
        pass


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, failures.DiskFull),
        (errno.EDQUOT, failures.DiskFull),
        (errno.EFBIG, failures.TooManyBytes),
        (errno.ENOMEM, MemoryError),
        (errno.EIO, OSError),
    ],
)
def test_trouble_of_this_machine_is_not_blamed_on_the_remote(
    repository, fetch_here, monkeypatch, number, expected
):
    repository.commit_files({"a.ts": b"a"})

    def fail(_self, _piece):
        raise OSError(number, "planted")

    monkeypatch.setattr(pack.PackWriter, "write", fail)
    with pytest.raises(expected):
        fetch_here()


def test_what_nobody_foresaw_is_the_remotes_misbehaviour_and_goes_to_the_log(
    repository, fetch_here, monkeypatch, capsys
):
    repository.commit_files({"a.ts": b"a"})

    def fail(_self, _piece):
        raise KeyError("planted")

    monkeypatch.setattr(pack.PackWriter, "write", fail)
    with pytest.raises(failures.RemoteMisbehaved):
        fetch_here()
    assert "planted" in capsys.readouterr().err


def test_every_error_that_travels_by_its_code_comes_back_as_itself():
    for kind in failures._BY_CODE.values():
        assert type(failures.by_code(kind().code)) is kind
    assert isinstance(failures.by_code("never heard of"), failures.RemoteMisbehaved)


def test_a_status_is_judged_before_the_kind_of_content(server, fetch_here):
    server.fault = git_server.status(404, Content_Type="text/html")
    with pytest.raises(failures.RepositoryNotFound):
        fetch_here()
