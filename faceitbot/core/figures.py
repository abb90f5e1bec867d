"""Arithmetic of reported figures."""


def percentage(part: float, whole: float) -> float:
    """Give 0..100 with two decimals; 0 when there is nothing to divide by."""
    return round(100 * part / whole, 2) if whole else 0.0
