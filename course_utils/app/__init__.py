"""What stands around the lessons: the `course` command, the environment check, building and measuring notebooks."""
