"""`/v1/model`, `/v1/taxonomy` and the model in use."""
