"""The contenders' names: what the tables call them, and what the targets name."""

OURS = "faceitbot"
SQLALCHEMY = "SQLAlchemy, pool of 16"
ASYNCPG = "asyncpg, its pool"
DJANGO = "Django's async ORM"
