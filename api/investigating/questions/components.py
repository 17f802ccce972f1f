"""What an investigation says of components: what moved there, or that they are well."""

from api.investigating.questions.asked import Asked
from api.investigating.questions.evidence import Reply, joined, moved, steady, told
from api.investigation.investigations import Investigation
from api.investigation.signals import Signal

_MOST = 5


def about_components(asked: Asked, found: Investigation) -> Reply:
    """Return what moved at the components that are named, or of the signals that are."""
    if not asked.components:
        lines = [told(one) for one in moved(found) if one.signal in asked.signals][:_MOST]
        return Reply(tuple(lines), () if lines else ("nothing unusual of this kind was found at any component",))
    return joined([about_component(one, found, asked.signals) for one in asked.components])


def about_component(component: str, found: Investigation, signals: frozenset[Signal]) -> Reply:
    """Return what moved at a component, of some signals or of all, or that it is well, or that nothing tells."""
    moving = [one for one in moved(found, component) if not signals or one.signal in signals]
    if moving:
        return Reply(tuple(map(told, moving[:_MOST])))
    calm = [one for one in steady(found, component) if not signals or one.signal in signals] or (
        steady(found, component) if not moved(found, component) else []
    )
    if calm:
        return Reply(tuple(map(told, calm[:3])))
    missing = [f"{gap.detail}; {gap.next_step}" for gap in found.gaps if gap.component == component]
    what = " of what is asked" if signals else ""
    return Reply(
        missing=(f"nothing unusual{what} was found at {component}, and nothing that says it is well", *missing[:3])
    )
