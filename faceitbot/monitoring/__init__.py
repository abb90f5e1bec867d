"""What is done with what `faceitbot.core.monitoring` measures, and what only the top can measure.

connecting  begins all of it, once the apps are loaded
events      business events, payments among them
endpoint    /metrics for Prometheus, by a token
page        /metrics for staff
failing     what ends a page with an error
admin       the page of errors
mails       tells the administrators of errors, once in a while
sentry      sends errors to Sentry, where an installation wants that
"""
