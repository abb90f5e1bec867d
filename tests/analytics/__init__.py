"""Metrics, roll-ups and figures of the past."""
