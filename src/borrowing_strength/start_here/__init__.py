"""Lesson 00: one rate, one belief, and a sampler that is checked. It needs no mathematics of its own."""
