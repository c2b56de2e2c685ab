"""Modules that come with the runtime and not with a repository or a registry."""

from __future__ import annotations

from typing import Final

NODE_MODULES: Final = frozenset(
    (
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "sys",
        "timers",
        "tls",
        "trace_events",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    )
)

# Modules that exist behind their runtime's prefix only, `node:test` and `node:sqlite` among them.
_RUNTIME_PREFIXES: Final = ("bun:", "cloudflare:", "deno:", "astro:", "std:")


def builtin_module(specifier: str) -> str | None:
    """The name under which a runtime's module is counted, one name however it is written.

    `node:fs/promises`, `fs/promises` and `fs` are all `fs`. None when `specifier` is no such
    module.
    """
    if specifier.startswith("node:"):
        return specifier[len("node:") :].partition("/")[0] or None
    if specifier.startswith(_RUNTIME_PREFIXES):
        return specifier.partition("/")[0]
    first = specifier.partition("/")[0]
    return first if first in NODE_MODULES else None
