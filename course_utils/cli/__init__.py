"""The `course` command: doctor, data, progress, claims; and the map that lessons show."""
