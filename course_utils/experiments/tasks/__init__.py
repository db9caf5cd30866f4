"""Tasks that ask for memory, one module each: a seeded sampler, an exact checker and a derived chance line."""
