"""Release an application: built by the module `pipeline`, completed and tested by this one."""

from compose.main import Compose as Compose
