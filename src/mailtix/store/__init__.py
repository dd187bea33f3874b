"""The database: the only folder that knows SQLAlchemy. Functions take a Session and never commit."""
