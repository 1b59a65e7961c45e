"""The command line: `up`, `down`, `status`, `clean`, `mirror`, `inspect`, `functions`, `call`."""
