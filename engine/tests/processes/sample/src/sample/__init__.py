"""What the tests of whole command lines call."""

import time

import dagger
from dagger import dag, function, object_type

IMAGE = "debian:bookworm-slim"


@object_type
class Sample:
    @function
    async def run(self, script: str) -> str:
        """What a script prints in a container."""
        return await self.container(script).stdout()

    @function
    async def address(self, script: str, image: str, to: str) -> str:
        """Where a script's container was published to; it stands on `image`."""
        return await self.container(script, image).publish(to)

    @function
    def think(self, seconds: float) -> str:
        """Nothing that an engine sees: time passes in the module itself."""
        print("thinking", flush=True)
        time.sleep(seconds)
        return "thought"

    @function
    def fail(self, message: str) -> str:
        """An exception; what was printed before it has no end of line."""
        print("about to fail", end="")
        raise ValueError(message)

    def container(self, script: str, image: str = IMAGE) -> dagger.Container:
        return dag.container().from_(image).with_exec(["sh", "-c", script])
