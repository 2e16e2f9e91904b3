"""From the exchanges of a run to observations: what was seen, counted, without any value that identifies somebody."""
