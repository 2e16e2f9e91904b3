"""What a record says of its target, as a scenario that the mock takes: times, failures, latency, tasks to replay."""
