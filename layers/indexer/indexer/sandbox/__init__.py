"""Running our own code on hostile bytes: a child process with limits and without secrets.

`child` starts, talks to and ends one child. `channel` carries framed messages between the two,
`wire` is their form, `limits` is what the child may use, `entry` is what runs inside it. Children
are forked: `fork_server` is the process that does it, `forking` asks it.
"""
