"""The course's networks, written to be read."""
