"""Trials of the client: each of the 75 faults of ``docs/client-faults.json``, and what the client then does."""
