"""The course's data: one module per data set. Default sets need no network."""

from course_utils.data.resources import resource, resource_names

__all__ = ["resource", "resource_names"]
