"""The contract as tests, readable as its specification. Runs against any target."""
