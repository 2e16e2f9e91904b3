"""The suite is tested too: wrong providers, and whether a check finds each."""
