"""Daily counts, kept beside the items in the same unit of work: what the dashboards are made of."""
