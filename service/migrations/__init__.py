"""Changes of the schema, in order; `service.database.migrate` applies them."""
