"""A drift report as one page that needs nothing else."""
