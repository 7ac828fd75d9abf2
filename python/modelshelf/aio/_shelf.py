"""The library of models, to await."""

from __future__ import annotations

from weakref import WeakValueDictionary

from .. import manager as blocking_manager
from .. import shelf as blocking
from ._call import awaitable, run, run_abandonable
from ._downloads import Downloads
from ._watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any

    from .._typing import AnyPath
    from ..watch import WatchEvent


class Shelf:
    """The library of models in one database; made by ``await get_manager()``.

    Has what ``modelshelf.Shelf`` has, to await. For any number of tasks, and for several loops.
    """

    def __init__(self, inner: blocking.Shelf) -> None:
        self._inner = inner

    @property
    def sync(self) -> blocking.Shelf:
        """The same library for code that may block."""
        return self._inner

    @property
    def models_dir(self) -> str | None:
        """Base of relative names, of this process only."""
        return self._inner.models_dir

    @property
    def database(self) -> str:
        """The file of the database."""
        return self._inner.database

    @property
    def downloads(self) -> Downloads:
        """The queue of downloads."""
        return Downloads(self._inner.downloads)

    scan = awaitable(blocking.Shelf.scan)
    get = awaitable(blocking.Shelf.get)
    get_hash = awaitable(blocking.Shelf.get_hash)
    list = awaitable(blocking.Shelf.list)
    search = awaitable(blocking.Shelf.search)
    update = awaitable(blocking.Shelf.update)  # type: ignore[arg-type]  # its fields may have any name
    tag = awaitable(blocking.Shelf.tag)
    untag = awaitable(blocking.Shelf.untag)
    link = awaitable(blocking.Shelf.link)
    unlink = awaitable(blocking.Shelf.unlink)
    roots = awaitable(blocking.Shelf.roots)
    add_root = awaitable(blocking.Shelf.add_root)
    import_roots = awaitable(blocking.Shelf.import_roots)
    remove_root = awaitable(blocking.Shelf.remove_root)
    lookup = awaitable(blocking.Shelf.lookup)
    download = awaitable(blocking.Shelf.download)
    previews = awaitable(blocking.Shelf.previews)
    sidecar_path = awaitable(blocking.Shelf.sidecar_path)
    read_sidecar = awaitable(blocking.Shelf.read_sidecar)
    write_sidecar = awaitable(blocking.Shelf.write_sidecar)
    delete_sidecar = awaitable(blocking.Shelf.delete_sidecar)
    write_sidecars = awaitable(blocking.Shelf.write_sidecars)
    read_sidecars = awaitable(blocking.Shelf.read_sidecars)
    verify = awaitable(blocking.Shelf.verify)
    close = awaitable(blocking.Shelf.close)

    def watch(
        self,
        dirs: AnyPath | Iterable[AnyPath] | Mapping[str, AnyPath | Iterable[AnyPath]] | None = None,
        *,
        on_event: Callable[[WatchEvent], object] | None = None,
        lookup: bool | None = None,
        previews: bool | None = None,
        max_level: str | None = None,
        sidecars: str | Iterable[str] | None = None,
        metadata_dir: AnyPath | None = None,
        verify: bool | None = None,
        jobs: int | None = None,
        background: bool = False,
        poll: float | None = None,
        reconcile: float | None = None,
    ) -> Watch:
        """Watches folders; see ``modelshelf.Shelf.watch()``.

        ``async for event in shelf.watch(folder)``, or ``async with shelf.watch(folder) as watch`` and
        ``await watch.next(timeout)``. With ``on_event``, a function or a coroutine function, each event is handed to
        it on the loop, one after another, from ``async with`` or ``await`` on.
        """
        inner = self._inner

        def start() -> Any:
            return inner.watch(
                dirs,
                lookup=lookup,
                previews=previews,
                max_level=max_level,
                sidecars=sidecars,
                metadata_dir=metadata_dir,
                verify=verify,
                jobs=jobs,
                background=background,
                poll=poll,
                reconcile=reconcile,
            )

        return Watch(start, on_event)

    async def doctor(self) -> dict[str, Any]:
        """Checks the installation, the store and the network: ``{"ok", "checks"}``."""
        return await run_abandonable(self._inner.doctor)

    async def count(self) -> int:
        """How many models there are: ``len()`` cannot be awaited."""
        return await run(self._inner.__len__)

    async def __aenter__(self) -> Shelf:  # noqa: PYI034
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<aio.Shelf models_dir={self.models_dir!r}>"


# A shelf that is alive keeps its blocking one alive, so that the number cannot be another's.
_shelves: WeakValueDictionary[int, Shelf] = WeakValueDictionary()


async def get_manager(models_dir: AnyPath | None = None, *, db: AnyPath | None = None) -> Shelf:
    """The shelf of a database, over the same library as ``modelshelf.get_manager()``."""
    inner = await run(blocking_manager.get_manager, models_dir, db=db)
    shelf = _shelves.get(id(inner))
    if shelf is None or shelf.sync is not inner:
        shelf = _shelves[id(inner)] = Shelf(inner)
    return shelf
