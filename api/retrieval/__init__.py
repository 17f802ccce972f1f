"""Search strategy over the index: query understanding, legs, fusion, boosts, expansion."""
