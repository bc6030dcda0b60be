"""The store: tables, engine, sessions and migrations."""
