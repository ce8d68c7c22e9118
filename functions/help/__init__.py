"""The help: articles that anybody can search, and the answer at unknown addresses."""
