"""The course as a site: Sphinx pages from the built notebooks, with nothing executed and no other server asked."""
