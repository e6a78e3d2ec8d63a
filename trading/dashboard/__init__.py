"""The desk in a browser: presenters read, views and the consumer hand on, templates show."""
