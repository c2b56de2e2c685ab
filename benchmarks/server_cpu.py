"""What CPU a database server takes, which is no child of who asks it."""

from __future__ import annotations

import os
from pathlib import Path


def postmaster_of(database_url: str) -> int:
    """The process that all those of the server come from."""
    import psycopg

    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    if row is None:
        raise AssertionError("a server has a process")
    return int(row[0].split()[0])


def server_cpu(postmaster: int) -> float | None:
    """CPU seconds of the server with all its processes; None where the kernel does not tell."""
    if not Path("/proc/self/stat").exists():
        return None
    ticks = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # After the name in brackets: state, parent, …, and from the 12th on the four times.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
        if int(entry.name) == postmaster:
            ticks += sum(int(one) for one in fields[11:15])
        elif int(fields[1]) == postmaster:
            ticks += sum(int(one) for one in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")
