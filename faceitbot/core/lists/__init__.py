"""The staff's lists: counts and pages that stay fast when the tables grow long."""
