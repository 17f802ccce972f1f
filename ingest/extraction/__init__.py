"""From documents to structure: procedures, alerts, components, postmortem fields, links and pictures."""
