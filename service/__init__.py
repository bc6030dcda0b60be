"""The HTTP service around the library: `service.app.create_app` makes the application."""
