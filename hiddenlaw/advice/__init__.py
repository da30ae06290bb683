"""Advice on data before anything is trained: richness of the inputs, smoothness, excitation."""
