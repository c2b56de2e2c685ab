"""The command `kotadb`: a person's day with the service, on one machine."""

from kotadb_local.cli.main import main

__all__ = ["main"]
