"""The rules of KotaDB: leases, extraction, resolution, the atomic store and the queries.

Handlers in `functions/` are wiring around this package; nothing here imports them.
"""

__version__ = "0.1.0"
