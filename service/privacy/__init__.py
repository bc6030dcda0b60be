"""What the law asks: erasure, disclosure, retention, and originals that are kept only if somebody wants that."""
