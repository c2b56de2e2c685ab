"""The worker: woken by a schedule, a hint after an enqueue, or by hand."""
