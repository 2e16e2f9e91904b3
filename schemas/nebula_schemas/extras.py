"""Optional dependencies: named once, and when one is absent, one sentence that says how to get it."""

import importlib
from collections.abc import Callable, Mapping

DISTRIBUTION = "nebula-video"

# Which extra of the distribution brings which import. The base install serves the client alone.
EXTRA_OF_MODULE: Mapping[str, str] = {
    "flask": "mock",
    "werkzeug": "mock",
    "jsonschema": "mock",
    "referencing": "mock",
    "hypothesis": "contract",
    "jsonschema_rs": "contract",
    "pytest": "contract",
}


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message says which ``pip install`` brings it."""


def missing_extra(error: ModuleNotFoundError, *, extra: str | None = None) -> MissingExtraError | None:
    """The sentence for an import that failed because an extra is absent.

    Args:
        error: As raised by the import system.
        extra: The extra to name, where the caller knows better than the table
            (``jsonschema`` comes with ``mock`` and with ``contract``).

    Returns:
        The error to raise, or None when the missing module belongs to no extra (a real bug).
    """
    module = (error.name or "").partition(".")[0]
    if module not in EXTRA_OF_MODULE:
        return None
    named = extra or EXTRA_OF_MODULE[module]
    return MissingExtraError(
        f"This needs the package {module!r}, which is not installed. "
        f"Install it with: pip install '{DISTRIBUTION}[{named}]'",
        name=error.name,
    )


def lazy_exports(
    package: str, home_of: Mapping[str, str], *, extra: str | None = None
) -> Callable[[str], object]:
    """A module ``__getattr__`` that imports public names when they are first asked for.

    Args:
        package: The importing package's ``__name__``.
        home_of: Public name to the submodule that defines it.
        extra: The extra to name when a dependency of the submodule is absent.

    Returns:
        The function to bind to ``__getattr__``. It raises AttributeError for any other name and
        MissingExtraError when an optional dependency is absent.
    """

    def module_getattr(name: str) -> object:
        if name not in home_of:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        try:
            home = importlib.import_module(f"{package}.{home_of[name]}")
        except ModuleNotFoundError as error:
            if (told := missing_extra(error, extra=extra)) is None:
                raise
            raise told from error
        return getattr(home, name)

    return module_getattr
