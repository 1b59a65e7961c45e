"""Processes that listen to signals, whatever the tests that start them do."""

LISTENING = ("env", "--default-signal=INT,HUP,TERM")
"""Comes before a command. Tests in a shell's background, or under nohup, hand on what they ignore."""
