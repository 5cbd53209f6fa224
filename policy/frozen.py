"""`@frozen`: a frozen dataclass with slots that costs a fifth of the time to make.

A process that decides one command needs a hundred such classes, for each of which `dataclass`
compiles six methods. Here only `__init__` is compiled; the others are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """What `dataclass(frozen=True, slots=True)` makes of the class, for plain fields."""
    cls.__doc__ = cls.__doc__ or cls.__name__  # or a signature is made up, which takes long
    made = dataclass(slots=True, init=False, eq=False, repr=False)(cls)
    members: tuple[Field[Any], ...] = fields(made)  # type: ignore[arg-type]  # it is a dataclass
    values = _getter(one.name for one in members)
    compared = _getter(one.name for one in members if one.compare)

    def equal(self: T, other: object) -> Any:
        return compared(self) == compared(other) if type(other) is type(self) else NotImplemented

    def hashed(self: T) -> int:
        return hash(compared(self))

    def reduced(self: T) -> tuple[type[T], tuple[Any, ...]]:
        return made, values(self)

    methods: dict[str, Callable[..., Any]] = {
        "__init__": _initialiser(members),
        "__eq__": equal,
        "__hash__": hashed,
        "__reduce__": reduced,
        "__repr__": _shown,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
    }
    for name, method in methods.items():
        setattr(made, name, method)
    return made


def _getter(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of the attributes, always as a tuple."""
    match tuple(names):
        case ():
            return lambda _: ()
        case (name,):
            return lambda one: (getattr(one, name),)
        case several:
            return attrgetter(*several)


def _initialiser(members: Iterable[Field[Any]]) -> Callable[..., None]:
    """`__init__` with the fields as parameters, in their order and with their defaults."""
    names: dict[str, Any] = {"_put": object.__setattr__, "_MISSING": MISSING}
    parameters = ["self"]
    body = ["pass"]
    for one in members:
        name = value = one.name
        if one.default_factory is not MISSING:
            names[f"_make_{name}"] = one.default_factory
            parameters.append(f"{name}=_MISSING")
            value = f"_make_{name}() if {name} is _MISSING else {name}"
        elif one.default is not MISSING:
            names[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        body.append(f"_put(self, {name!r}, {value})")
    source = f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body)
    exec(source, names)  # noqa: S102  # of names in our own classes, as dataclasses does it
    made: Callable[..., None] = names["__init__"]
    return made


def _shown(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    raise FrozenInstanceError(f"`{name}` of {type(self).__name__} can't be changed")
