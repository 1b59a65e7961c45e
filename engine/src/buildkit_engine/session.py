"""One user's run of the engine: the values, secrets and clients of one command line."""

from __future__ import annotations

import hashlib
import json
import secrets as random
import threading
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.buildctl import Buildctl
from buildkit_engine.buildkit.caches import Caches
from buildkit_engine.buildkit.children import Children
from buildkit_engine.buildkit.crane import Crane
from buildkit_engine.buildkit.credentials import Credentials
from buildkit_engine.buildkit.daemons import Daemon, host_platform
from buildkit_engine.buildkit.freezer import Freezer
from buildkit_engine.buildkit.scratch import SESSION, Scratch
from buildkit_engine.errors import SolveError
from buildkit_engine.images import RegistryImages
from buildkit_engine.llb.ops import LocalSource, Shim
from buildkit_engine.mirror.build import Mirror
from buildkit_engine.model.evaluate import Evaluator
from buildkit_engine.model.routing import Place, Router
from buildkit_engine.model.snapshots import Snapshots
from buildkit_engine.model.solving import Solver
from buildkit_engine.schema import declared
from buildkit_engine.schema.context import Context, Objects
from buildkit_engine.schema.executable import executable, introspection

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from buildkit_engine.buildkit.progress import Display
    from buildkit_engine.buildkit.state import Running, State
    from buildkit_engine.buildkit.tools import Tools
    from buildkit_engine.model.calls import FunctionCall


class Session:
    """Holds what lives as long as one command line, and no longer."""

    def __init__(
        self,
        state: State,
        running: Running,
        tools: Tools,
        *,
        display: Display,
        host_folder: Path,
        allow_stand_ins: bool = False,
        caches: Caches | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex
        self._scratch = Scratch(state.folder("sessions"), SESSION)
        self._children = Children()
        self._caches = caches or Caches()
        self.schema, self.introspection, self._version = _schema(state)
        self._credentials = Credentials(otherwise=self._scratch.folder)
        freezer = Freezer(str(tools.freeze), self._children)
        self.snapshots = Snapshots(freezer, self._scratch.folder, self.id)
        self._solver = self._solver_on(state, running, tools, display)
        self.evaluator = Evaluator(self._solver, self._solver.tool)
        crane = Crane(tools.crane, self._credentials, self._children, state.folder("configs"))
        self.images = RegistryImages(
            running=running,
            crane=crane,
            mirror=Mirror(state, crane, running.registry, say=print_to_stderr),
            evaluator=self.evaluator,
            scratch=self._scratch.folder,
            session_id=self.id,
            allow_stand_ins=allow_stand_ins,
        )
        self.objects = Objects()
        self._host_folder = str(host_folder)
        self._secret_salt = state.secret_salt
        self._clients: dict[str, Context] = {}
        self._lock = threading.Lock()

    def _solver_on(
        self, state: State, running: Running, tools: Tools, display: Display
    ) -> Solver | Router:
        """What solves on the one daemon, or on the nodes."""
        children, secrets = Children(), {}

        def solver(daemon: Daemon, platform: str) -> Solver:
            buildctl = Buildctl(
                tools.buildctl,
                daemon.address,
                display,
                credentials=self._credentials,
                caches=self._caches,
                scratch=self._scratch.folder,
                children=children,
                tls=daemon.tls,
            )
            return Solver(buildctl, _tool(tools, platform), secrets)

        if not running.nodes:
            return solver(Daemon(running.daemon_address(state)), host_platform())
        places = tuple(Place(node, solver(node.daemon, node.own)) for node in running.nodes)
        first = running.nodes[0].platforms[0]
        tool = replace(_tool(tools, running.nodes[0].own), platform=first)
        return Router(places, tool, self._scratch.folder, children)

    def client(self, call: FunctionCall | None = None) -> str:
        """A token for a new client; the function that it runs, if it was started to run one."""
        token = random.token_urlsafe(24)
        with self._lock:
            self._clients[token] = self.context(call)
        return token

    def context(self, call: FunctionCall | None = None) -> Context:
        return Context(
            objects=self.objects,
            evaluator=self.evaluator,
            images=self.images,
            credentials=self._credentials,
            host_platform=self.evaluator.host_platform,
            snapshots=self.snapshots,
            version=self._version,
            host_folder=self._host_folder,
            secret_salt=self._secret_salt,
            call=call,
        )

    def context_of(self, token: str) -> Context | None:
        with self._lock:
            return self._clients.get(token)

    def write_caches(self) -> None:
        """Writes the cache of what the command line made to where it said; raises SolveError."""
        if self._caches.written:
            try:
                self.evaluator.write_caches()
            except SolveError as error:
                raise SolveError(f"the cache could not be written: {error}") from None

    def close(self) -> None:
        """Ends what is under way and removes what the session wrote."""
        self._solver.close()
        self._children.stop()
        self._credentials.close()
        self._scratch.close()


def _tool(tools: Tools, platform: str) -> Shim:
    """The engine's own program for a platform."""
    folder = tools.shim_for(platform)
    return Shim(LocalSource("[internal] load shim", str(folder), folder.name), platform)


def print_to_stderr(line: str) -> None:
    import sys

    print(line, file=sys.stderr, flush=True)


def _schema(state: State) -> tuple[GraphQLSchema, bytes, str]:
    """The schema of the installed SDK, the answer to its introspection, and the SDK's version.

    Both are kept in the state folder: reading them from the client's source takes 0.3 s.
    """
    version, path = declared.client_source()
    source = path.read_bytes()
    folder = state.folder("schema")
    key = hashlib.sha256(source + Path(declared.__file__).read_bytes()).hexdigest()[:16]
    sdl_file, introspection_file = folder / f"{key}.graphqls", folder / f"{key}.json"
    if not (sdl_file.exists() and introspection_file.exists()):
        text = declared.sdl(source.decode())
        answer = json.dumps(introspection(executable(text))).encode()
        for file, data in ((introspection_file, answer), (sdl_file, text.encode())):
            new = folder / f"{file.name}.{uuid.uuid4().hex}"
            new.write_bytes(data)
            new.rename(file)
    return executable(sdl_file.read_text()), introspection_file.read_bytes(), f"v{version}"
