"""What was asked and what came: exchanges as data, small and without secrets, and the file that holds a run."""
