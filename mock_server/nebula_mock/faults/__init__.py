"""Deliberate misbehaviour: each kind a small part that does one thing."""
