"""What gunicorn reads beside its command line."""

#: Longest address with its query, in bytes: lists filtered by many ids need more than the default of 4094.
limit_request_line = 8190
