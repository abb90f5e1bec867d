"""The page that stays open: figures, lamps, charts and events that renew themselves.

reading     asks the database and the checks for one moment
telling     puts what was read into words, once for each language
snapshots   the newest of it, made at most once a tick whoever asks
feed        ticks while somebody watches
consumer    one viewer, over a websocket
admission   who may watch, and from which page
page        the page, and the same snapshot over HTTP

Nothing passes from process to process: each reads the database, so what the bot has written shows up in all.
"""
