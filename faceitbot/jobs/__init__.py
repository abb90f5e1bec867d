"""What has to be done again and again, by `manage.py run_jobs`.

table       the jobs: each with how often, and how long it may take
work        what each of them does
runner      the process: claims what is due, watches over it, ends in good order
patience    how long it waits for a connection
lateness    which job is late, and which does not go well
"""
