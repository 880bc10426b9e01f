"""Texts that stand for "missing" in CRM exports, folded: without outer spaces and in lower case."""

PLACEHOLDERS = frozenset(
    {
        *("n/a", "na", "#n/a", "#na", "n.a.", "<na>", "null", "none", "nil", "nan", "nat", "undefined"),
        *("not set", "not provided", "not available", "not applicable", "not specified", "unspecified"),
        *("unknown", "no answer", "tbd", "select", "select...", "-select-", "--none--", "please select"),
        *("(blank)", "(none)", "(empty)", "-", "--", "---", ".", "?", "??"),
        *("keine angabe", "keine angaben", "ohne angabe", "k.a.", "k. a.", "k.a", "unbekannt", "leer"),
        *("nicht bekannt", "nicht angegeben", "bitte wählen", "bitte auswählen"),
    }
)
COUNTRY_CODES = frozenset({"na"})  # Namibia, where the column is a country
TOTALS = frozenset(  # in the place of an id: the last row of many exports adds up the others
    {"total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "summen", "zwischensumme", "subtotal"}
)
