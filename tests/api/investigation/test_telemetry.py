"""A series is cut to a window by its times."""

import numpy as np

from api.investigation.telemetry import Series
from api.investigation.windows import Window


def test_a_series_is_cut_to_the_points_inside() -> None:
    series = Series("cart", "cpu", np.array([0, 10, 20, 30]), np.array([1.0, 2.0, np.nan, 4.0]), unit="%")

    inside = series.within(Window(10, 30))

    assert inside.times.tolist() == [10, 20]
    assert inside.values[0] == 2.0
    assert np.isnan(inside.values[1])
    assert (inside.component, inside.unit) == ("cart", "%")
