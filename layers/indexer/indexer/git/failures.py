"""Every way in which a fetch fails. The texts are fixed: nothing that a remote says is in them.

Between the child that fetches and its parent a failure travels as its code; `by_code` makes it an
error again. What is not foreseen becomes `RemoteMisbehaved`: hostile input has many forms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from indexer.errors import JobError, JobSnoozed, PermanentJobError, TransientJobError

# A remote that has had enough is left alone for so long.
RATE_LIMIT_PAUSE_SECONDS: Final = 180.0


class RepositoryNotFound(PermanentJobError):
    """The remote has no such repository."""

    code = "repository_not_found"

    def __init__(self) -> None:
        super().__init__("the remote has no such repository")


class AuthenticationRequired(PermanentJobError):
    """The remote wants other credentials than it was given, or hides that nothing is there."""

    code = "authentication_required"

    def __init__(self) -> None:
        super().__init__("the repository does not exist, or it is private and no access is given")


class RedirectRefused(PermanentJobError):
    """The remote answered with another address, which is never followed."""

    code = "redirect_refused"

    def __init__(self) -> None:
        super().__init__("the repository has moved: name it by its new address")


class AddressRefused(PermanentJobError):
    """The host's name leads to no public address."""

    code = "address_refused"

    def __init__(self) -> None:
        super().__init__("the host of the repository has no public address")


class RemoteUnsupported(PermanentJobError):
    """The remote lacks what a fetch needs: git's protocol 2, shallow fetches, SHA-1 ids."""

    code = "remote_unsupported"

    def __init__(self) -> None:
        super().__init__(
            "the remote does not speak git's protocol 2 with shallow fetches and SHA-1"
        )


class RefNotFound(PermanentJobError):
    """The remote has neither a branch nor a tag of this name."""

    code = "ref_not_found"

    def __init__(self) -> None:
        super().__init__("the repository has no such branch or tag")


class CommitNotFound(PermanentJobError):
    """The remote does not have the commit, or no longer."""

    code = "commit_not_found"

    def __init__(self) -> None:
        super().__init__("the repository does not have this commit, or no longer")


class RepositoryEmpty(PermanentJobError):
    """The repository has no commit yet."""

    code = "repository_empty"

    def __init__(self) -> None:
        super().__init__("the repository has no commit yet")


class RepositoryTooLarge(PermanentJobError):
    """The commit has more of something than a limit allows. Each limit has an error of its own."""

    code = "repository_too_large"
    what: ClassVar[str] = "of something"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"the commit has more than {limit} {self.what}")
        self.limit = limit


class TooManyBytes(RepositoryTooLarge):
    """More bytes came from the remote than `FETCH_MAX_BYTES` allows."""

    code = "too_many_bytes"
    what = "bytes received"


class TooManyBytesInflated(RepositoryTooLarge):
    """What came inflates to more bytes than `FETCH_MAX_INFLATED_BYTES` allows."""

    code = "too_many_bytes_inflated"
    what = "bytes after inflating"


class TooManyObjects(RepositoryTooLarge):
    """The remote has more objects for the commit than `FETCH_MAX_OBJECTS` allows."""

    code = "too_many_objects"
    what = "objects"


class TooMuchMemory(RepositoryTooLarge):
    """Unpacking needs more memory than `FETCH_MEMORY_BYTES` allows."""

    code = "too_much_memory"
    what = "bytes of memory while unpacking"


class TooManyEntries(RepositoryTooLarge):
    """The commit has more files and folders of any kind than `MAX_TREE_ENTRIES` allows."""

    code = "too_many_entries"
    what = "files and folders"


class TooManyFiles(RepositoryTooLarge):
    """The commit has more files to be indexed than `MAX_FILES` allows."""

    code = "too_many_files"
    what = "files to be indexed"


class FetchTimedOut(TransientJobError):
    """The fetch took longer than a fetch may."""

    code = "fetch_timed_out"

    def __init__(self) -> None:
        super().__init__("the fetch took longer than a fetch may take")


class RateLimited(JobSnoozed):
    """The remote has had too many requests. How long it asks to wait is not heeded."""

    code = "rate_limited"

    def __init__(self) -> None:
        super().__init__(
            "the remote refuses further requests for now", seconds=RATE_LIMIT_PAUSE_SECONDS
        )


class RemoteUnavailable(TransientJobError):
    """The remote cannot be reached, is failing, or dropped the connection."""

    code = "remote_unavailable"

    def __init__(self) -> None:
        super().__init__("the remote cannot be reached or broke off")


class CertificateRefused(TransientJobError):
    """The remote cannot prove who it is."""

    code = "certificate_refused"

    def __init__(self) -> None:
        super().__init__("the remote's TLS certificate cannot be trusted")


class RemoteMisbehaved(TransientJobError):
    """The remote sent what is no valid answer of a git server."""

    code = "remote_misbehaved"

    def __init__(self) -> None:
        super().__init__("the remote's answer is no valid answer of a git server")


class RepositoryDamaged(PermanentJobError):
    """A pack arrived whole, and objects in it are damaged or lie about themselves."""

    code = "repository_damaged"

    def __init__(self) -> None:
        super().__init__("the remote's objects are damaged; git fsck on the remote says which")


class GitMissing(PermanentJobError):
    """A local repository is read through the git program, which this machine lacks."""

    code = "git_missing"

    def __init__(self) -> None:
        super().__init__("local repositories need the program git, which is not installed here")


class LocalRepositoryDamaged(PermanentJobError):
    """A repository on this machine lacks objects: it is damaged, or a partial clone."""

    code = "local_repository_damaged"

    def __init__(self) -> None:
        super().__init__(
            "the local repository lacks objects of this commit; git fsck says which. "
            "A partial clone becomes whole with git fetch --refetch --no-filter"
        )


class DiskFull(TransientJobError):
    """There is no room for the repository."""

    code = "disk_full"

    def __init__(self) -> None:
        super().__init__("the disk has no room left for the repository")


class FetchCrashed(TransientJobError):
    """The process that fetched died of what it was sent."""

    code = "fetch_crashed"

    def __init__(self) -> None:
        super().__init__("the process that fetched the repository ended unexpectedly")


# Those that a child tells by their code alone.
_BY_CODE: Final[dict[str, Callable[[], JobError]]] = {
    one.code: one
    for one in (
        *(RepositoryNotFound, AuthenticationRequired, RedirectRefused, AddressRefused),
        *(RemoteUnsupported, RefNotFound, CommitNotFound, RepositoryEmpty, FetchTimedOut),
        *(RateLimited, RemoteUnavailable, CertificateRefused, RepositoryDamaged),
        *(GitMissing, DiskFull),
    )
}


def by_code(code: str) -> JobError:
    """The error with this code; what is not known is the remote's misbehaviour."""
    return _BY_CODE.get(code, RemoteMisbehaved)()
