"""What all pages share: frame, templates, languages, static files, forms and errors."""
