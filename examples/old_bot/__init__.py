"""A bot as it was before its move, on one JSON file. docs/migration.md turns it into one on the database."""
