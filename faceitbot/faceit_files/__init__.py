"""Saved bodies of FACEIT into the tables of matches and statistics; `manage.py import_faceit`."""
