"""Benchmarks against real PostgreSQL, Valkey and the venue: each a value beside a floor measured in the same run."""
