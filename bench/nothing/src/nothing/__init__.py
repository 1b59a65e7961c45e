"""A module that does nothing: what any call of a function costs."""

from dagger import function, object_type


@object_type
class Nothing:
    """Nothing at all."""

    @function(cache="never")  # pyright: ignore[reportCallIssue] - not in its overloads
    def nothing(self) -> str:
        """Return nothing, each time anew."""
        return ""
