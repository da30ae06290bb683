"""Data as people bring them: arrays, lists, tables of pandas and polars, arrays of xarray."""
