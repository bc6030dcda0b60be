"""The dashboards: what customers' feedback adds up to, from the daily counts."""
