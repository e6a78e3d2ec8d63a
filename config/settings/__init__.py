"""Settings by subject; `production` is what runs, `test` is what tests run."""
