"""The library floor: knows no app."""
