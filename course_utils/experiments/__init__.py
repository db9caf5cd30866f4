"""The decisive measurements as functions: seeds in, tidy tables out."""
