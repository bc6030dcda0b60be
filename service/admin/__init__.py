"""Pages about the service itself: the model in use, jobs, webhooks, users, keys and the audit log."""
