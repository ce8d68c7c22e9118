"""The picture that is a pupil's own: an animal on a plate of one of four shapes.

Animals differ in outline and the plates in shape and colour, so that nobody needs to see colours
to tell two apart. None is for girls or for boys. Within a group no two pupils have the same.
"""

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

ANIMALS = (
    "cat",
    "rabbit",
    "bear",
    "elephant",
    "owl",
    "frog",
    "fish",
    "snail",
    "duck",
    "turtle",
    "butterfly",
    "ladybird",
    "whale",
    "hedgehog",
    "giraffe",
    "penguin",
    "crab",
    "mouse",
    "lion",
    "pig",
)
"""The drawings of templates/login/animals.html, in no order that matters."""

PLATES = ("circle", "square", "diamond", "flower")


@dataclass(frozen=True, slots=True)
class Picture:
    """An animal on a plate; `code` is how it is stored: "owl-circle"."""

    animal: str
    plate: str

    @property
    def code(self) -> str:
        """Return the stored form."""
        return f"{self.animal}-{self.plate}"


ALL = tuple(Picture(animal, plate) for plate in PLATES for animal in ANIMALS)


def read(code: object) -> Picture | None:
    """Return a picture from its stored form, or None for anything else."""
    animal, _, plate = str(code).partition("-")
    return Picture(animal, plate) if animal in ANIMALS and plate in PLATES else None


def assigned(
    group_id: str, pupils: Iterable[str], kept: Mapping[str, Picture]
) -> dict[str, Picture]:
    """Return a picture for each pupil of a group: the one that is kept, or a free one.

    The same pupils get the same pictures whoever asks first. Other animals come before other
    plates, so that a group of twenty has twenty animals; beyond eighty pupils pictures repeat.
    """
    ids = sorted(pupils)
    found = {pupil: kept[pupil] for pupil in ids if pupil in kept}
    for pupil in ids:
        if pupil not in found:
            found[pupil] = _free(group_id, pupil, set(found.values()))
    return found


def another(group_id: str, pupil: str, taken: Collection[Picture], now: Picture | None) -> Picture:
    """Return a picture that a pupil did not have and nobody in the group has."""
    return _free(f"{group_id}#{now.code if now else ''}", pupil, {*taken, *([now] if now else [])})


def _free(group_id: str, pupil: str, taken: Collection[Picture]) -> Picture:
    animals = {picture.animal for picture in taken}
    free = [picture for picture in ALL if picture not in taken] or list(ALL)
    best = [picture for picture in free if picture.animal not in animals] or free
    return random.Random(f"{group_id} {pupil}").choice(best)
