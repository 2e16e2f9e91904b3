"""Runs that may cost money: the plan, the ledger of what was spent, and the run that cannot exceed its cap."""
