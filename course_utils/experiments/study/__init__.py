"""The reference study: the question in the name of the course, with many seeds, equal tries and rules beforehand."""
