"""`/v2`: the Open Inference Protocol, so that KServe-style clients work."""
