"""Words that speak to a language model, or as one; a second look at what ingest flags, and at what a model writes."""

import re
import unicodedata

_MODEL = r"(?:ai|llms?|(?:ai|chat) ?bots?|chatbots?|language models?|assistants?)"
_READING = r"(?:must|should|shall|please|has to|have to|need to|note|are|is|will|reading)"
_ADDING = r"(?:always|add|include|say|tell|append|write|end|claim|recommend|state|answer|insert|mention)"
_ANSWER = r"(?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies)|output|completions?)"
_SOFTWARE = r"(?:software|programs?|machines?|automat\w+|bots?|models?|not human)"
_CONDENSING = r"(?:condens|summari[sz]|digest|paraphras|compil|writ|generat|quot|read)\w*"
_PAGE = r"(?:page|runbook|document|text|file|article|section)"
_TO_A_MODEL = re.compile(
    "|".join(
        (
            r"\b(?:ignor\w+|disregard\w*|forget|override)\b[^.\n]{0,40}\b(?:instructions?|rules|prompts?|guidelines)\b",
            r"\bsystem (?:prompt|message|override)\b",
            r"\bas an? (?:ai|llm|language model|assistant)\b",
            rf"\byou are (?:now )?(?:an? )?(?:{_MODEL}|dan|unrestricted)\b",
            rf"\b(?:ai|llm|chatbot|language)[ -]?(?:assistants?|agents?|models?)\b[^.\n]{{0,40}}\b{_READING}\b",
            rf"\b(?:note|message|instructions?|attention|dear|hey|hello)\b[^.\n]{{0,20}}\b{_MODEL}\b",
            rf"\bwhen (?:you )?(?:answer|summari[sz]|respond|repl|quot|cit)\w*\b[^.\n]{{0,60}}\b{_ADDING}\b",
            rf"\b(?:in|of|to|end|start|begin|add) (?:every|your|each|all|the) {_ANSWER}\b",
            r"\b(?:respond|reply|answer) (?:only )?with\b",
            r"\b(?:print|output|repeat|reveal|show) (?:your|the|these) (?:\w+ )?(?:prompt|instructions)\b",
            r"\btell (?:the |your )?(?:user|reader|engineer|operator|person|human)s? (?:to|that)\b",
            r"\bdo not (?:mention|cite|reveal|disclose) (?:this|that|these|the source)\b",
            r"\b(?:ai|llm|language|chat)[ -]?(?:assistants?|agents?|models?|bots?)\s*[:,]",
            r"\bassistants?\s*[:,] (?!the\b)",
            r"\"(?:statements|citations|insufficient)\"\s*:",
            r"\b(?:as an ai|i cannot|i can't|i'm sorry|i am sorry|i am unable)\b",
            rf"\breaders? (?:who|that|which) (?:is|are) (?:an? )?{_SOFTWARE}\b",
            r"\b(?:automat\w+|software|machine|non-human) (?:readers?|summari[sz]ers?)\b",
            rf"\b(?:who|what|which)ever (?:\w+ )?{_CONDENSING} (?:\w+ ){{0,3}}?(?:{_ANSWER}|{_PAGE})\b",
            r"\b(?:summary|answer|digest) is (?:only )?(?:complete|valid|correct|accepted) (?:only|unless|with)\b",
            # German, Spanish and French: the same demands, by the words that they cannot do without.
            r"\bignor\w+\b[^.\n]{0,40}\b(?:anweisung\w*|anleitung\w*|regeln|instruccion\w*|reglas|consignes|r[eè]gles)\b",
            r"\b(?:sprachmodell\w*|ki-(?:assistent|modell|system)\w*)\b",
            r"\b(?:modelos? de lenguaje|mod[eè]les? de lang(?:ue|age)s?)\b",
            r"\b(?:wer|falls du|wenn du)\b[^.\n]{0,20}\b(?:antwort\w*|zusammenfassung\w*)\b[^.\n]{0,60}"
            r"\b(?:verfass|schreib|erstell|formulier|gib)\w*",
            r"\b(?:sag|nenn|rat|teil|empf[ie]+hl)\w*,? (?:dem|der|den) (?:leser|nutzer|benutzer|anwender)\w*\b",
            r"\bantwort\w* (?:nur|stets|immer|ausschlie(?:ß|ss)lich) mit\b",
            r"\b(?:si eres|eres|como|para) (?:un |el |los |este )?(?:asistentes?|bots?)\b[^.\n]{0,60}"
            r"\b(?:di|dile|diga|digas|muestres|muestra|responde|a[ñn]ade|incluye|recomienda|ignora)\b",
            r"\bresponde (?:solo |s[oó]lo |siempre |[uú]nicamente )?con\b",
            r"\ben (?:cada|toda|tu|sus?) respuestas?\b|\bd(?:i|ile|iga) al (?:usuario|lector)\b",
            r"\b(?:si (?:tu es|vous [eê]tes)|en tant qu['’]) ?(?:un )?(?:assistant|robot|mod[eè]le|programme)\w*\b",
            r"\br[eé]pond\w* (?:seulement|uniquement|toujours) ",
            r"\bdans (?:chaque|toutes?|vos|votre|ta) r[eé]ponses?\b|\bdites? (?:au lecteur|[aà] l['’]utilisateur)\b",
        )
    ),
    re.IGNORECASE,
)


def addresses_a_model(text: str) -> bool:
    """Tell whether words speak to a language model, or as one, and not to an engineer."""
    return _TO_A_MODEL.search(" ".join(unicodedata.normalize("NFKC", text).split())) is not None
