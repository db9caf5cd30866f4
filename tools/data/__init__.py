"""Scripts that make the small data and the trained networks in `data/`."""
