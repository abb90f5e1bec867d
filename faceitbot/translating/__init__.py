"""The catalogue of Russian texts: filled from the sources, compiled, checked. For development alone.

`python3 dev.py messages` runs it. Production needs the compiled catalogue and nothing of this.
"""
