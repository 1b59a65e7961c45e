"""What a resolver is given beside its arguments."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from buildkit_engine.buildkit.credentials import Credentials
from buildkit_engine.errors import RequestError
from buildkit_engine.model.owners import owner_of
from buildkit_engine.model.secrets import Secret, addressed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit_engine.buildkit.frontend import DockerBuild
    from buildkit_engine.llb.ops import Output, Owner
    from buildkit_engine.model.calls import FunctionCall
    from buildkit_engine.model.config import BaseImage
    from buildkit_engine.model.container import Container
    from buildkit_engine.model.evaluate import Evaluator
    from buildkit_engine.model.files import Directory, File
    from buildkit_engine.model.snapshots import Snapshots

T = TypeVar("T")


class Identified(Protocol):
    """A value of the API: equal keys are equal values."""

    def key(self) -> object: ...


@dataclass
class Objects:
    """The session's values by id. An id is made of what it names, so it is the same each time."""

    _by_id: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def id_of(self, value: Identified) -> str:
        name = type(value).__name__
        digest = hashlib.sha256(json.dumps(value.key()).encode()).hexdigest()
        id_ = f"{name}:{digest}"
        with self._lock:
            self._by_id[id_] = value
        return id_

    def get(self, id_: str) -> Any:
        with self._lock:
            value = self._by_id.get(id_)
        if value is None:
            raise RequestError(f"unknown id '{id_}': ids are valid within one session")
        return value


class Images(Protocol):
    """What the API needs of registries."""

    def resolve(self, address: str, platform: str) -> BaseImage: ...
    def publish(self, address: str, images: list[Container], options: PushOptions) -> str: ...
    def tarball(self, images: list[Container], options: PushOptions) -> File: ...
    def packed(self, images: list[Container], options: PushOptions) -> Path: ...
    def unpacked(self, tarball: File, platform: str, tag: str) -> BaseImage: ...
    def built(
        self, directory: Directory, asked: DockerBuild, secrets: Mapping[str, bytes]
    ) -> BaseImage: ...


@dataclass(frozen=True)
class PushOptions:
    """How layers are written."""

    compression: str = ""
    oci: bool = True


@dataclass
class Context:
    """One client's view of a session."""

    objects: Objects
    evaluator: Evaluator
    images: Images
    host_platform: str
    snapshots: Snapshots
    version: str
    host_folder: str
    """Where relative host paths start."""
    credentials: Credentials = field(default_factory=Credentials)
    """What registries of this session are signed in to with."""
    secret_salt: bytes = b""
    """What keeps a secret's value from being guessed by its handle; this state folder's own."""
    call: FunctionCall | None = None
    """The function that the client was started to run, if it was."""

    def owner(self, text: str | None, root: Output | None) -> Owner | None:
        """Who `text` names in the filesystem `root`; raises RequestError where that is nobody."""
        return owner_of(text or "", root, self.evaluator.read)

    def on_host(self, path: str) -> Path:
        """A path of this machine, as seen from where the client was started."""
        return Path(os.path.normpath(Path(self.host_folder, path)))

    def load(self, id_: str, type_: type[T]) -> T:
        """The value that an id argument names; raises RequestError for one of another type."""
        value = self.objects.get(id_)
        if not isinstance(value, type_):
            found = type(value).__name__
            raise RequestError(f"expected the id of a {type_.__name__}, got one of a {found}")
        return value

    def secret_at(self, uri: str, cache_key: str | None = None) -> Secret:
        """The secret at an address of this machine; raises RequestError for any other."""
        folder = Path(self.host_folder)
        secret, value = addressed(uri, folder, salt=self.secret_salt, cache_key=cache_key)
        self.evaluator.secrets[secret.handle] = value
        return secret

    def usable_secret(self, id_: str) -> Secret:
        """The secret that an id argument names; raises RequestError where it has no value."""
        secret = self.load(id_, Secret)
        if secret.missing:
            raise RequestError(secret.missing)
        return secret

    def load_all(self, ids: list[str] | None, type_: type[T]) -> list[T]:
        return [self.load(id_, type_) for id_ in ids or ()]
