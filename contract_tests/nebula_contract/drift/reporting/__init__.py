"""A drift report in every format."""
