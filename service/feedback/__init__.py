"""`/v1/feedback` and `/v1/corrections`: the system of record."""
