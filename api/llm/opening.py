"""The one place that puts a language model together: adapter, retries, budget, masking."""

from collections.abc import Iterable
from importlib.util import find_spec

from api.errors import UsageError
from api.llm.budget import BudgetedModel, Ledger, Limits, Price
from api.llm.chat_model import ChatModel
from api.llm.failures import Endpoint
from api.llm.masking import MaskedModel, Masks, pattern_of
from api.llm.retrying import RetryingModel
from api.llm.settings import LanguageModelSettings
from api.llm.vendor_model import Vendor, VendorModel

_PACKAGES = {"openai": "openai_like", "anthropic": "anthropic", "ollama": "ollama"}


def open_chat_model(settings: LanguageModelSettings, ledger: Ledger, *, people: Iterable[str] = ()) -> ChatModel | None:
    """Return the model that the settings mean, None where they mean none. Nothing is sent, and nothing heavy loaded.

    `people` are names to mask besides those of the settings. Raises UsageError that names the setting.
    """
    if settings.provider == "none":
        return None
    masks = masks_of(settings, people)
    endpoint, vendor = _vendor(settings)
    model: ChatModel = RetryingModel(VendorModel(endpoint, vendor), attempts=settings.attempts)
    limits = Limits(
        max_tokens=settings.max_tokens,
        seconds=settings.timeout_seconds,
        daily_tokens=settings.daily_tokens,
        daily_money=settings.daily_cost,
    )
    model = BudgetedModel(model, limits, ledger, price=Price(settings.price_prompt, settings.price_completion))
    return MaskedModel(model, masks) if settings.mask else model


def load_libraries(settings: LanguageModelSettings) -> None:
    """Load what the provider needs, which takes seconds, so that the first question need not wait for it."""
    if settings.provider != "none":
        VendorModel(*_vendor(settings)).load()


def masks_of(settings: LanguageModelSettings, people: Iterable[str] = ()) -> Masks:
    """Return what is masked; raises UsageError for an expression that is none."""
    try:
        patterns = tuple(pattern_of(expression) for expression in settings.mask_patterns)
    except UsageError as error:
        raise UsageError(f"GROUNDWATCH_LLM_MASK_PATTERNS: {error}") from error
    return Masks(
        domains=frozenset(domain.casefold().strip(".*") for domain in settings.mask_domains),
        kept=frozenset(name.casefold() for name in settings.mask_keep),
        people=(*settings.mask_people, *people),
        patterns=patterns,
    )


def _vendor(settings: LanguageModelSettings) -> tuple[Endpoint, Vendor]:
    from api.llm.anthropic_messages import ANTHROPIC_URL, AnthropicMessages
    from api.llm.ollama_chat import OLLAMA_URL, OllamaChat
    from api.llm.openai_compatible import OpenAICompatible

    package = f"llama_index.llms.{_PACKAGES[settings.provider]}"
    if find_spec(package) is None:
        name = package.replace(".", "-").replace("_", "-")
        raise UsageError(
            f"GROUNDWATCH_LLM_PROVIDER={settings.provider!r} needs the package {name}: pip install 'groundwatch[llm]'"
        )
    vendors: dict[str, tuple[Vendor, str]] = {
        "openai": (OpenAICompatible(), ""),
        "anthropic": (AnthropicMessages(), ANTHROPIC_URL),
        "ollama": (OllamaChat(settings.context_window), OLLAMA_URL),
    }
    vendor, usual_url = vendors[settings.provider]
    base_url = settings.base_url or usual_url
    if settings.provider == "anthropic":
        base_url = base_url.removesuffix("/v1")  # its library adds that
    return Endpoint(provider=settings.provider, model=settings.model, base_url=base_url, key=settings.api_key), vendor
