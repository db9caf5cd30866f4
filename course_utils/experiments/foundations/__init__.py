"""Feedforward and picture networks beside other methods, and the first recurrent networks."""
