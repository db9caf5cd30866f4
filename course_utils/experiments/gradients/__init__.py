"""Gradients on their way back through time: vanishing, exploding, clipping."""
