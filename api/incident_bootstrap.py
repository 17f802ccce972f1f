"""The composition root of investigations and incidents: sources, desk, alerts, put together as the settings mean."""

from typing import TYPE_CHECKING

from api.bootstrap import open_llm
from api.settings import ApiSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.assistant import Assistant
    from api.investigating.connected import ConnectedSources
    from api.investigating.desk import Investigations
    from api.investigating.questions.answering import Knowledge
    from api.investigation.investigations import Investigator
    from api.notifying.desk import Notifications
    from api.responding.incidents import Incidents
    from api.responding.known_graph import Edges
    from api.retrieval.search import Hit
    from api.routes.webhooks import Senders
    from api.serving import ServedKnowledge
    from api.telemetry.otlp.store import OtlpStore


def open_otlp(settings: ApiSettings) -> "OtlpStore | None":
    """Return the store of telemetry that is sent by OTLP, None where none is taken; it works once it is opened."""
    from api.telemetry.otlp.store import Keeping, OtlpStore

    if not settings.otlp:
        return None
    return OtlpStore(settings.otlp_dir, keeping=Keeping(settings.otlp_megabytes * 1_000_000, settings.otlp_hours))


def open_sources(settings: ApiSettings, otlp: "OtlpStore | None" = None) -> "ConnectedSources":
    """Return the systems that hold telemetry, and the changes that were told; asks none of them.

    `otlp` is the store that this process owns; without one, what another process keeps is only read. Raises UsageError
    that names what is wrong in the file of sources.
    """
    import os

    from api.investigating.connected import ConnectedSources
    from api.telemetry.live.opening import open_sources as read_sources
    from api.telemetry.live.told_changes import ChangeStore, ToldChangesSource
    from api.telemetry.otlp.source import OtlpSource

    named = read_sources(settings.telemetry_file, os.environ) if settings.telemetry_file else ()
    changes = ChangeStore(settings.changes_file)
    told = ToldChangesSource(changes, str(settings.changes_file))
    store = otlp or open_otlp(settings)
    sent = (OtlpSource(store),) if store is not None else ()
    return ConnectedSources((*named, *sent, told), changes)


def open_investigations(
    settings: ApiSettings,
    knowledge: "ServedKnowledge",
    connected: "ConnectedSources | None" = None,
    assistant: "Assistant | None" = None,
) -> "Investigations":
    """Return the desk for investigations, over connected sources where there are; it works once it is opened.

    The assistant tells what documents advise where somebody asks about an incident.
    """
    from functools import partial

    from api.investigating.archives import ArchiveLimits
    from api.investigating.bundle_places import BundlePlaces
    from api.investigating.desk import Investigations
    from api.investigating.live_cases import LiveCases
    from api.investigating.questions.answering import answer_about
    from api.steering.steered import Models
    from api.storage.database import Database
    from api.telemetry.bundles import open_bundle
    from api.telemetry.live.cases import CaseOpener

    most = settings.upload_megabytes * 1_000_000
    places = BundlePlaces(
        settings.bundles_dir, settings.uploads_dir, limits=ArchiveLimits(total_bytes=10 * most), most_sent=most
    )
    sources = (connected or open_sources(settings)).sources
    return Investigations(
        Database(settings.feedback_url),
        places,
        CaseOpener(sources, open_bundle),
        _investigator(settings, knowledge),
        at_once=settings.investigations_at_once,
        live=LiveCases(sources, places),
        models=Models(fitted_here=settings.investigation_fitted_here),
        answer=partial(answer_about, knowledge=_advice_by(assistant)),
    )


def _advice_by(assistant: "Assistant | None") -> "Knowledge":
    """Return what gives the advice of documents on a question about an incident."""
    from api.investigating.questions.answering import advice_of, no_documents
    from api.schemas.answers import AskRequest

    if assistant is None:
        return no_documents
    return lambda question: advice_of(assistant.ask(AskRequest(question=question)))


def open_incidents(
    settings: ApiSettings, knowledge: "ServedKnowledge", investigations: "Investigations"
) -> "Incidents":
    """Return the incidents that alerts open; they are looked after once it is opened."""
    from datetime import timedelta

    from api.incidents.alerts import Severity
    from api.incidents.incidents import Rules
    from api.responding.desk_starter import DeskStarter
    from api.responding.incidents import Incidents
    from api.storage.database import Database
    from api.storage.incident_inquests import StartLimits

    rules = Rules(
        same_service=timedelta(minutes=settings.incident_join_minutes),
        neighbours=timedelta(minutes=settings.incident_neighbour_minutes),
        hops=settings.incident_hops,
        reopen=timedelta(minutes=settings.incident_reopen_minutes),
        quiet=timedelta(minutes=settings.incident_quiet_minutes),
        investigate_from=Severity(settings.investigate_alerts_from),
    )
    incidents = Incidents(
        Database(settings.feedback_url),
        rules=rules,
        starter=DeskStarter(investigations) if settings.investigate_alerts else None,
        limits=StartLimits(settings.alert_investigations_at_once, settings.alert_investigations_per_hour),
        edges=_declared_edges(knowledge),
    )
    investigations.on_going_on(incidents.go_on)
    return incidents


def open_notifications(settings: ApiSettings) -> "Notifications":
    """Return what tells other systems, none of them unless they are set; it works once it is opened.

    Raises UsageError that names what is wrong in the file of destinations.
    """
    import os

    from api.notifications.opening import open_destinations
    from api.notifying.desk import Notifications
    from api.storage.database import Database

    file = settings.notifications_file
    destinations = open_destinations(file, os.environ) if file else ()
    return Notifications(Database(settings.feedback_url), destinations, public_url=settings.public_url)


def open_senders(settings: ApiSettings) -> "Senders":
    """Return what is set about senders of alerts; raises UsageError that names what is wrong in the mapping."""
    from api.incidents.payloads.mapping import read_mapping
    from api.routes.webhooks import Senders

    file = settings.webhook_mapping_file
    return Senders(settings.pagerduty_signing_secrets, read_mapping(file) if file else None)


def _declared_edges(knowledge: "ServedKnowledge") -> "Edges":
    """Return what gives the pairs of services that depend on each other by the documents, aliases too."""

    def edges() -> "Sequence[tuple[str, str]]":
        with knowledge.reading() as serving:
            services = serving.catalogues.structure().services
        return [
            (spelling, edge.name)
            for service in services
            for spelling in (service.name, *service.aliases)
            for edge in (*service.depends_on, *service.used_by)
        ]

    return edges


def _investigator(settings: ApiSettings, knowledge: "ServedKnowledge") -> "Investigator":
    """Return the inquiry, with an agent beside it where that is set; raises UsageError where no model is."""
    from api.investigating.parts import open_investigator, specialists

    if not settings.investigation_agent:
        return open_investigator(fitted_here=settings.investigation_fitted_here)
    model = open_llm(settings)
    if model is None:
        from ingest.errors import UsageError

        raise UsageError(
            "GROUNDWATCH_INVESTIGATION_AGENT is set, and no language model is; "
            "set GROUNDWATCH_LLM_PROVIDER, or unset it"
        )
    from api.agent.assisted import AssistedInvestigator
    from api.agent.metering import AgentLimits
    from api.agent.searched import SearchedKnowledge
    from api.llm.budget import Price
    from api.llm.settings import load_llm_settings

    def search(query: str) -> "Sequence[Hit]":
        with knowledge.reading() as serving:
            return serving.searcher.search(query, limit=4)

    llm = load_llm_settings()
    return AssistedInvestigator(
        open_investigator(fitted_here=settings.investigation_fitted_here),
        model,
        specialists=specialists(),
        knowledge=SearchedKnowledge(search),
        limits=AgentLimits(call_seconds=llm.timeout_seconds, answer_tokens=min(800, llm.max_tokens)),
        price=Price(llm.price_prompt, llm.price_completion),
    )
