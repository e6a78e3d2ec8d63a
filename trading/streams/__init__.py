"""The order stream: one owner, an inbox, and what is heard in it."""
