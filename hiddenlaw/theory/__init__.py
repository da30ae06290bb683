"""Theories: gauge, refit, equation, error bars, invariants, and the choice of dimension."""
