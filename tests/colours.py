"""How far apart two colours are, for every kind of colour vision, and how they contrast."""

from typing import Any

import numpy as np

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Ottosson (2020): linear RGB → cone responses → OKLab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(colour: str) -> Any:
    """The three channels of « #rrggbb » in linear light."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, two: str) -> float:
    """WCAG 2.1: from 1 to 21."""
    darker, lighter = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, two))
    return (lighter + 0.05) / (darker + 0.05)


def distance(one: str, two: str, vision: str) -> float:
    """OKLab distance of two colours as one kind of vision sees them: 1 from black to white."""
    labs = [TO_LAB @ np.cbrt(TO_CONES @ np.clip(VISION[vision] @ linear(c), 0, 1)) for c in (one, two)]
    return float(np.linalg.norm(labs[0] - labs[1]))


def apart(one: str, two: str) -> float:
    """The least distance of two colours over the kinds of vision."""
    return min(distance(one, two, vision) for vision in VISION)
