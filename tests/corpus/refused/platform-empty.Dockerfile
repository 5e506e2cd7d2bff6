FROM --platform=$nothing scratch
