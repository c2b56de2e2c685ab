"""Reading one commit of a remote repository: its address, the fetch, its tree and its blobs.

`remote` and `refs` judge what a caller names and load nothing; API and worker both use them.
`fetch` runs the fetch in a child: `serve` is that child, `transport` and `address` its way to the
remote, `protocol` what it says there, `pack` how the answer is kept. `objects` and `tree` read
what was fetched; they too belong into children.
"""
