"""What changed, who must act, and is it known: observations of a run, compared with four witnesses."""
