"""What a run sends: the wire, the target's clock, the drives and their generated inputs. It judges nothing."""
