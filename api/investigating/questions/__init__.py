"""Questions about one incident, answered from what its investigation observed."""
