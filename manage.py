#!/usr/bin/env python3
"""Runs the management commands; `python manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faceitbot.settings")
    os.environ.setdefault("METRICS_IMMEDIATE", "true")  # nothing of a command's waits when it ends
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    except OperationalError as error:
        print(f"manage.py: the database is not available: {str(error).splitlines()[0]}", file=sys.stderr)
        sys.exit(3)


if __name__ == "__main__":
    main()
