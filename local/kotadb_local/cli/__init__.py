"""The command `kotadb`: a person's day with the service, on one machine."""

from indexer.collector import imports_that_last

with imports_that_last():
    from kotadb_local.cli.main import main

__all__ = ["main"]
