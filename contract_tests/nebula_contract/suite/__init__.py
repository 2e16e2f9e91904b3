"""The contract as tests, readable as its specification: a test for each promise and family, judged from one run."""
