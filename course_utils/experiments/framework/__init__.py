"""What an experiment is, how it is run over its seeds, and how its results are stored and found."""
