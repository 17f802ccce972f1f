"""How a text addresses a language model: the phrases, by what they want, in several languages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class HostileKind(StrEnum):
    """In what way a text addresses a model, in words for a person."""

    INSTRUCTION = "tells a model to drop its instructions"
    ROLE = "gives a model another role"
    EXFILTRATION = "asks a model to reveal or send something"
    CHAT_MARKUP = "imitates the markup of a chat with a model"
    HIDDEN_TEXT = "hides text from readers"
    INVISIBLE = "holds invisible characters"
    LOOK_ALIKES = "spells words with look-alike letters"
    ENCODED = "hides an instruction in encoded text"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern for lower-case text; it can only match where one of `needs` stands."""

    kind: HostileKind
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


# Between two words of a phrase: white space, punctuation, Markdown's signs, a short tag, an encoded blank.
_GAP = r"(?:(?:[\W_]|%20|</?[a-z]{1,8}>){1,8})"
_MODEL = (
    r"(?:ai(?:[\x20-](?:assistants?|agents?|models?|systems?|chatbots?|bots?|copilots?))?|llms?|"
    r"(?:large )?language models?|"
    r"chatbots?|chatgpt|gpt-?\d\w*|claude|gemini|copilot|artificial intelligence|virtual assistants?)"
)
_OLD = (
    r"(?:previous|previously given|prior|above|earlier|preceding|foregoing|former|original|initial|existing|"
    r"past|system|developer)"
)
_ORDERS = (
    r"(?:instructions?|directions|directives?|prompts?|guidelines|commands given|orders|messages? above|"
    r"constraints|guardrails|"
    r"programming|training|system prompts?|system messages?|conversation|rules)"
)
_ALL = rf"(?:(?:all|any|every|everything|of|the|your|my|these|those|our|its|and|or){_GAP}){{0,4}}"


def phrases_in(kept: str, latin: str) -> Iterator[tuple[HostileKind, int, int]]:
    """Yield what addresses a model, with its span; both texts are in lower case and equally long."""
    for phrase in PHRASES:
        if any(need in latin for need in phrase.needs):
            yield from ((phrase.kind, *match.span()) for match in phrase.pattern.finditer(latin))
    for phrase in FOREIGN:
        if any(need in kept for need in phrase.needs):
            yield from ((phrase.kind, *match.span()) for match in phrase.pattern.finditer(kept))


def _phrase(kind: HostileKind, needs: str, pattern: str) -> Phrase:
    return Phrase(kind, tuple(needs.split("|")), re.compile(pattern.replace(" ", _GAP), re.MULTILINE))


def _markup(needs: str, pattern: str) -> Phrase:
    return Phrase(HostileKind.CHAT_MARKUP, tuple(needs.split("|")), re.compile(pattern, re.MULTILINE))


_DROP = (
    r"\b(?:ignor(?:e|ing)|disregard|forget|forgo|neglect|overlook|(?:do not|don.?t|stop|never) (?:follow|obey|"
    r"follow(?:ing)?)|"
    r"pay no attention to|erase|discard|void)"
)
_REVEAL = (
    r"\b(?:reveal|print|show|repeat|output|display|leak|dump|disclose|tell me|give me|recite|return|copy|"
    r"write out|paste|send|share|"
    r"what (?:is|are|was|were)|spell out)"
)
_SEND = r"\b(?:send|post|upload|forward|exfiltrate|transmit|leak|e-?mail|submit|append|attach|encode|deliver|pass)"

PHRASES: tuple[Phrase, ...] = (
    _phrase(
        HostileKind.INSTRUCTION,
        "ignor|disregard|forg|neglect|overlook|follow|obey|attention|erase|discard|void",
        rf"{_DROP} {_ALL}{_OLD} (?:and (?:all )?(?:other )?(?:\w+ )?)?{_ORDERS}\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "ignor|disregard|forg|neglect|follow|obey",
        rf"{_DROP} (?:all )?(?:of )?your (?:\w+ )?(?:instructions?|rules|guidelines|training|programming|"
        rf"constraints|prompt|directives)\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "ignor|disregard|forget",
        r"\b(?:ignore|disregard|forget) (?:all|everything|anything|whatever)(?: that| of what)? "
        r"(?:you (?:were|have been|are|know|learned)|(?:was |has been )?(?:said|written|told|"
        r"stated)(?: to you)?(?: (?:above|before|so far))?|i said)",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "override|bypass|overwrite|circumvent",
        r"\b(?:override|bypass|overwrite|circumvent) (?:(?:all|any|the|your|its) ){0,3}(?:\w+ )?"
        r"(?:instructions|system prompts?|guardrails|safety (?:rules|guidelines|filters|protocols|training)|"
        r"content polic(?:y|ies))\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "instruction|directive|orders|objective|task",
        r"\b(?:these are|here are|this is|follow|obey) (?:your|the following|my) (?:new|updated|real|actual|true|"
        r"only) (?:\w+ )?"
        r"(?:instructions?|directives?|orders|objectives?|task|prompt)\b|\bnew (?:system )?instructions?(?:\s*:|"
        r" (?:for|to) (?:the |any )?"
        + _MODEL
        + r")|\byour (?:new|real|actual|true) (?:instructions?|directives?|orders|objective|task|prompt) (?:is|are)\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "from now on|from this point|henceforth|from here on",
        r"\b(?:from now on|from this point (?:on(?:ward)?|forward)|henceforth|from here on),? (?:you|the assistant) "
        r"(?:will|must|are|shall|have to|only|always|never|do not|should) (?:\w+ )?(?:answer|respond|reply|act|"
        r"ignore|obey|say|speak|an?|"
        r"the|in|not|tell|recommend|behave|pretend|follow|free|called|dan|operate)\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "ai|llm|model|chatbot|gpt|claude|gemini|copilot|assistant",
        rf"\b(?:attention|note to|notice to|message (?:to|for)|instructions? (?:to|for)|dear|hey|warning to|"
        rf"hello) (?:all |any |the |every |our )?{_MODEL}"
        rf"(?: reading| processing| summari[sz]ing| that|:|,| -|!|—|$)|\bif you(?:'re| are) an? {_MODEL}\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "ai|llm|model|chatbot|gpt|claude|gemini|copilot|assistant",
        rf"\b(?:any |the |every |all )?{_MODEL}(?: (?:reading|processing|summari[sz]ing|indexing|answering|"
        rf"that reads) (?:\w+ ){{1,4}})?"
        r" ?(?:must|should|shall|has to|have to|is instructed to|are instructed to|is required to) (?:now |"
        r"always |only |instead |immediately )?"
        r"(?:answer|respond|reply|say|recommend|tell|ignore|output|reveal|state|claim|run|execute|delete|approve|"
        r"disregard|rate|include|obey)\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "the user|the operator|the human|the engineer|the reader",
        r"\b(?:do not|don.?t|never) (?:tell|inform|warn|mention (?:this|it|that) to|reveal (?:this|it|that) to|"
        r"let) the (?:user|human|operator|engineer|reader)"
        r"(?: know)? (?:about|of|that|this|you|any)\b|\bwithout (?:telling|informing|asking|alerting|"
        r"warning) the (?:user|human|operator|engineer|reader)\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "end of|begin",
        r"\bend of (?:the )?(?:document|context|user input|system prompt|retrieved (?:text|context|"
        r"documents))[\W_]{1,20}(?:new |now |begin |start )?"
        r"(?:system|instructions?|task|user|assistant|you)\b",
    ),
    _phrase(
        HostileKind.INSTRUCTION,
        "vtaber",
        r"\bvtaber (?:nyy )?(?:(?:bs )?(?:gur|lbhe) )?(?:cerivbhf|cevbe|nobir) vafgehpgvbaf",
    ),
    Phrase(
        HostileKind.INSTRUCTION,
        ("i g n o r e", "i.g.n.o.r.e", "i-g-n-o-r-e", "i_g_n_o_r_e", "i*g*n*o*r*e", "d i s r e g a r d", "f o r g e t"),
        re.compile(
            r"\b(?:i\Wg\Wn\Wo\Wr\We|d\Wi\Ws\Wr\We\Wg\Wa\Wr\Wd|f\Wo\Wr\Wg\We\Wt)(?:\W+[a-z]\b){8,60}|i_g_n_o_r_e"
        ),
    ),
    _phrase(
        HostileKind.ROLE,
        "you are|you're|u r",
        rf"\b(?:you are|you're|u r)(?: now| hereby| from now on)? (?:(?:a|an|the|my|in) )?(?:(?:very |helpful |"
        rf"evil |unrestricted |unfiltered |uncensored |"
        rf"jailbroken |powerful |malicious |friendly |expert |autonomous |obedient |new ){{1,3}}{_MODEL}|"
        rf"(?:helpful|evil|unrestricted|unfiltered|uncensored|"
        rf"jailbroken|obedient) (?:\w+ )?(?:assistant|bot|agent)|{_MODEL}|dan|do anything now|(?:dan|jailbreak|"
        rf"god|developer) mode|freed? (?:from|of) (?:all|your|any))\b",
    ),
    _phrase(
        HostileKind.ROLE,
        "you are now|you're now",
        r"\b(?:you are|you're) now (?:an? |the |my )?(?:\w+ ){0,2}(?:assistant|chatbot|bot|hacker|pirate|persona|"
        r"character|dan|jailbroken|unrestricted|"
        r"unfiltered|uncensored|no longer bound)\b",
    ),
    _phrase(
        HostileKind.ROLE,
        "act as|pretend|role",
        rf"\b(?:act as|pretend to be|behave (?:as|like)|role-?play as|imagine (?:you are|being)|"
        rf"simulate) (?:if you (?:were|are) )?(?:an? |the )?"
        rf"(?:(?:unrestricted|evil|unfiltered|uncensored|jailbroken|different|new|rogue|malicious|"
        rf"amoral) (?:\w+ )?(?:{_MODEL}|assistant|bot|agent|persona|character)"
        rf"|{_MODEL}|dan)\b|\bpretend(?: that)? (?:you(?:'re| are| have| can| do| were)) (?:not |no |an? |any |"
        rf"without |free |un\w+ )",
    ),
    _phrase(
        HostileKind.ROLE,
        "do anything now|jailbreak|dan mode|god mode|developer mode|no restrictions",
        r"\b(?:do anything now|jailbreak mode|dan mode|god mode (?:enabled|on|activated)|"
        r"developer mode (?:enabled|on|activated)(?! (?:in|for) )|"
        r"you have no (?:restrictions|rules|filters|guidelines))\b",
    ),
    _phrase(
        HostileKind.ROLE,
        "language model|an ai",
        r"\bas an? (?:(?:large )?language model|ai (?:language model|assistant|model)),? you\b",
    ),
    _phrase(
        HostileKind.ROLE,
        "your new|your persona",
        r"\byour (?:new )?(?:role|persona|identity|name|personality) (?:is|will be) now\b|\byour new (?:persona|"
        r"identity|personality)\b",
    ),
    _phrase(
        HostileKind.EXFILTRATION,
        "prompt|instruction|message",
        rf"{_REVEAL} (?:\w+ ){{0,5}}?(?:(?:system|hidden|secret|developer|initial|original|internal|full|entire|"
        rf"your)) (?:system |initial |hidden |secret |own )?"
        r"(?:prompts?|instructions(?! (?:for|on|to|in|at|how|here))|system messages?)\b(?! (?:for|to run|on how))",
    ),
    _phrase(
        HostileKind.EXFILTRATION,
        "above|before",
        rf"{_REVEAL} (?:\w+ ){{0,3}}?(?:everything|all (?:the )?(?:text|words)|the (?:text|words|content|prompt|"
        rf"messages?)) (?:above|before this|written above)"
        r"(?: this line)?(?: verbatim)?\b(?= (?:verbatim|word|exactly|in|starting|this)|[\W_]*$)",
    ),
    _phrase(
        HostileKind.EXFILTRATION,
        "conversation|chat|prompt|key|credential|secret|password|token|variables|context|memory|question|answer|history|data|file",
        rf"{_SEND} (?:\w+ ){{0,6}}?(?:conversation|chat (?:history|logs?)|system prompts?|prompts?|api keys?|"
        rf"credentials|secrets?|passwords?|tokens?|"
        r"environment variables|context(?: window)?|memory|(?:user|customer).{0,3} (?:data|questions?|messages?|"
        r"answers?)|history|previous answers?|env file|private keys?)"
        r" (?:\w+ ){0,6}?(?:to|at|via|into|as|using) (?:\w+ ){0,4}?(?:https?://|\w+@\w+|attacker|query string|"
        r"url parameter)",
    ),
    _phrase(
        HostileKind.EXFILTRATION,
        "tool|function|plugin",
        r"\b(?:call|invoke|use|run|execute|trigger) (?:the |your )?(?:\w+ ){0,2}(?:tools?|functions?|"
        r"plugins?) (?:available )?(?:to|and) (?:\w+ ){0,3}?"
        r"(?:exfiltrate|e-?mail|upload|wipe|transfer|leak|send|forward) (?:\w+ ){0,5}?(?:conversation|secrets?|"
        r"credentials|keys?|tokens?|everything|passwords?|history|data)\b",
    ),
    Phrase(
        HostileKind.EXFILTRATION,
        ("](http",),
        re.compile(
            r"!\[[^\]\n]{0,200}\]\(https?://[^)\s]{1,200}[?&/=](?:\{|\[|<|%7b|\$\{)\s?(?:the_?)?(?:conversation|"
            r"chat|history|secrets?|data|prompt|context|summary|answer|question|api_?key|credentials)"
        ),
    ),
    _markup(
        "<|",
        r"<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|endofprompt|begin_of_text|end_of_text|"
        r"start_header_id|end_header_id|"
        r"eot_id|eom_id|python_tag|fim_\w+|tool_\w+|channel|message|start|end|return|constrain)\|?>",
    ),
    _markup("[inst|[/inst|<<sys|<</sys", r"\[/?inst\]|<</?sys>>"),
    _markup("_of_turn|start_of|end_of", r"</?(?:start|end)_of_turn>"),
    _markup("</s>", r"(?<![\w>~])\s?</s>\s*(?:<s>|\[|$|\n)"),
    _markup(
        "system|assistant",
        r"^[ \t>]*#{1,6}[ \t]*(?:system|assistant|human)(?: (?:prompt|message|instructions?))?[ \t]*:",
    ),
    _markup("### instruction", r"^[ \t>]*### instruction[ \t]*:[^\n]*\n(?:[^\n]*\n){0,12}?[ \t>]*### response[ \t]*:"),
    _markup(
        "assistant:|ai:",
        r"^[ \t>*]*(?:human|user|system)[*]*:[^\n]{1,400}\n(?:[^\n]*\n){0,3}?[ \t>*]*(?:assistant|ai)[*]*:",
    ),
    _markup(
        "<system|</system|<assistant|</assistant|_prompt>|tool_|function_",
        r"</(?:system|assistant|system[_-]prompt|system[_-]reminder|user[_-]prompt|function_calls?|function_results?"
        r"|tool_calls?|tool_results?|tool_response)>|<(?:system[_-]prompt|system[_-]reminder|function_calls?|"
        r"tool_calls?|tool_response)>",
    ),
    _markup(
        "\"role\"|'role'|role:", r"""["']role["']\s?:\s?["'](?:system|assistant|developer)["']\s?,\s?["']content["']"""
    ),
    _markup(
        "[system]|[system message|[system prompt|[[system|begin system|system override|[admin override",
        r"(?:^|\n)[ \t>]*\[{1,2}system\]{1,2}(?![(\[:])|\[{1,2}(?:system (?:message|prompt|override|"
        r"instructions?)|admin override)\]{1,2}(?!\()|\bbegin system (?:prompt|message|instructions)\b|"
        r"\bsystem override\b\s*:",
    ),
)

_ANY = r"[^.\n。!?]{0,40}?"
FOREIGN: tuple[Phrase, ...] = tuple(
    Phrase(kind, tuple(needs.split("|")), re.compile(pattern))
    for kind, needs, pattern in (
        (
            HostileKind.INSTRUCTION,
            "ignorier|vergiss|vergesse|missacht|beachte",
            rf"\b(?:ignorier\w*|vergiss|vergess\w*|missacht\w*|beachte\w*\s+nicht){_ANY}\b(?:vorherig|bisherig|"
            rf"obig|fr[üu]her|vorangegangen|vorangehend|urspr[üu]nglich|deine|ihre|alle)\w*\s+"
            r"(?:\w+\s+)?(?:anweisung|instruktion|befehl|regel|vorgabe|prompt|systemanweisung)\w*",
        ),
        (
            HostileKind.INSTRUCTION,
            "ignor|oubli|compte|instruc|indicac|istruz",
            rf"\b(?:ignor\w*|oubli\w*|ne\s+t\w+\s+pas\s+compte|olvid\w*|haz\s+caso\s+omiso|hagan?\s+caso\s+omiso|"
            rf"descart\w*|desconsider\w*|esque[cç]\w*|dimentic\w*){_ANY}"
            rf"\b(?:instruc\w+|consignes?|directives?|ordres|indicaciones|[óo]rdenes|reglas|istruzioni|regole|"
            rf"instru[cç]\w+|regras)\b{_ANY}"
            r"(?:pr[ée]c[ée]dent\w*|ant[ée]rieur\w*|ci-dessus|anterior\w*|previ[ao]s?|precedent\w*|de\s+arriba|acima)",
        ),
        (
            HostileKind.INSTRUCTION,
            "игнорир|забуд|внимани|проигнорир|отбрось",
            rf"(?:игнорир\w+|проигнорир\w+|забудь\w*|не\s+обращай\w*\s+внимани\w+\s+на|"
            rf"отбрось\w*){_ANY}(?:предыдущ|прежн|вышеуказанн|все|преды|сво|систем)\w*{_ANY}"
            r"(?:инструкци|указани|команд|правил|промпт|установк)\w*",
        ),
        (
            HostileKind.INSTRUCTION,
            "忽略|无视|忘记|忘掉|不要理会|不要遵守|忽視|無視|忘記",
            r"(?:忽略|无视|忘记|忘掉|不要理会|不要遵守|忽視|無視|忘記)[^。\n]{0,10}(?:之前|以上|先前|上述|前面|所有|此前|你的|以前)[^。\n]{0,8}(?:指令|指示|说明|"
            r"提示|命令|规则|規則|要求|設定|设定)",
        ),
        (
            HostileKind.INSTRUCTION,
            "指示|命令|지시|명령",
            r"(?:以前|上記|これまで|今まで|前)の[^。\n]{0,6}(?:指示|命令|ルール)[^。\n]{0,8}(?:無視|忘れ|従わ)|(?:이전|위의|"
            r"지금까지)[^.\n]{0,10}(?:지시|명령|규칙)[^.\n]{0,8}(?:무시|잊)",
        ),
        (
            HostileKind.ROLE,
            "du bist|sie sind|tu es|vous êtes|vous etes|ahora eres|eres ahora|"
            "ты теперь|теперь ты|вы теперь|你现在是|你是一个|你現在是",
            r"\b(?:du bist|sie sind)\s+(?:jetzt|ab jetzt|nun|ab sofort)\s+(?:ein\w*\s+)?(?:\w+\s+)?(?:ki|"
            r"assistent\w*|bot|chatbot|sprachmodell|hacker)\b"
            r"|\b(?:tu es|vous êtes|vous etes)\s+(?:maintenant|d[ée]sormais)\s+(?:une?\s+)?(?:\w+\s+)?(?:ia|"
            r"assistant\w*|bot|chatbot|mod[èe]le|hacker|pirate)\b"
            r"|\b(?:ahora eres|eres ahora)\s+(?:una?\s+)?(?:\w+\s+)?(?:ia|asistente|bot|chatbot|modelo|hacker|pirata)\b"
            r"|(?:ты теперь|теперь ты|вы теперь)\s*[—-]?\s*(?:\w+\s+)?(?:ии|ассистент\w*|бот|модель|хакер|помощник)\b"
            r"|(?:你现在是|你是一个|你現在是)[^。\n]{0,12}(?:助手|机器人|模型|ai|黑客|機器人)",
        ),
        (
            HostileKind.EXFILTRATION,
            "prompt|промпт|提示词|提示詞|系统提示",
            r"\b(?:zeig\w*|nenn\w*|gib|verrat\w*|wiederhol\w*|montre\w*|r[ée]v[èe]le\w*|affiche\w*|muestra\w*|"
            r"revela\w*|imprime|dime)\s[^.\n]{0,30}?"
            r"(?:system-?\s?prompt\w*|prompt (?:du )?syst[èe]me|prompt (?:de |del )?sistema)"
            r"|(?:покажи\w*|выведи\w*|раскрой\w*|повтори\w*|напиши\w*)[^.\n]{0,30}?(?:системн\w+\s+)?промпт\w*|"
            r"(?:显示|输出|告诉我|泄露|打印|重复)[^。\n]{0,10}(?:系统提示|提示词)",
        ),
    )
)
