"""The faces of the list of checks (`faceitbot.core.health`) that belong to no app.

endpoints   /health/live and /health/ready, for whoever restarts and balances
page        the page of the staff
shown       a verdict in words
watching    the thread of `run_jobs` that looks now and then, and notes since when something is wrong
"""
