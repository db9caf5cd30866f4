"""The workshop: set-up, building and measuring notebooks, static pages. Not part of the installed package."""
