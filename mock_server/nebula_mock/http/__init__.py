"""The provider over HTTP: a Flask application whose routes do nothing but call the provider."""
