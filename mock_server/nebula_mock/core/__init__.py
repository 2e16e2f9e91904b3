"""The provider's rules as pure code: no Flask, no files, no sockets, no wall clock.

What happens here is decided by arguments alone; time and randomness come in from outside.
"""
