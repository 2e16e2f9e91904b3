"""Observations against those of another witness: which rule a difference falls under, and whose matter it is."""
