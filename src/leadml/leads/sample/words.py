"""The words of the sample: levels with their spellings, names of people and firms. Nothing holds a comma.

A level is a tuple of spellings; the first is the one a tidy CRM holds.
"""

PLACEHOLDERS = ("n/a", "Select", "-", "unknown", "keine Angabe")

COUNTRIES: tuple[tuple[str, ...], ...] = (
    ("Germany", "Deutschland", "DE", "GER", "BRD", "D", "Bundesrepublik Deutschland"),
    ("Austria", "Österreich", "AT", "Oesterreich", "AUT"),
    ("Switzerland", "Schweiz", "CH", "Suisse", "CHE"),
    ("United Kingdom", "UK", "GB", "Great Britain", "Vereinigtes Königreich"),
    ("France", "Frankreich", "FR"),
    ("Netherlands", "Niederlande", "NL", "The Netherlands"),
    ("United States", "USA", "US", "Vereinigte Staaten"),
)
COUNTRY_CODES = ("DE", "AT", "CH", "GB", "FR", "NL", "US")
SWITZERLAND = 2
COUNTRY_WEIGHTS = (0.54, 0.13, 0.12, 0.09, 0.05, 0.04, 0.03)

COMPANY_SIZES: tuple[tuple[str, ...], ...] = (
    ("1-10", "1 - 10", "1-10 Mitarbeiter"),
    ("11-50", "11 - 50", "11-50 employees"),
    ("51-200", "51 - 200", "51-200 Mitarbeiter"),
    ("201-1000", "201 - 1000"),
    ("1001+", "1001 +"),
)
COMPANY_SIZE_WEIGHTS = (0.30, 0.30, 0.20, 0.13, 0.07)

INDUSTRIES: tuple[tuple[str, ...], ...] = (
    ("Manufacturing", "Maschinenbau", "Industrie"),
    ("Software", "IT & Software"),
    ("Retail", "Handel", "Einzelhandel"),
    ("Handwerk", "Trades", "Handwerksbetrieb"),
    ("Logistics", "Logistik"),
    ("Healthcare", "Gesundheitswesen"),
    ("Consulting", "Beratung"),
    ("Construction", "Bau"),
    ("Finance", "Finanzdienstleistung"),
    ("Public Sector", "Öffentlicher Dienst"),
)
INDUSTRY_WEIGHTS = (0.18, 0.14, 0.12, 0.12, 0.09, 0.08, 0.09, 0.07, 0.06, 0.05)
HANDWERK = 3

SOURCES: tuple[tuple[str, ...], ...] = (
    ("web", "Website", "Web"),
    ("webinar", "Webinar"),
    ("trade fair", "Messe", "Trade Fair"),
    ("cold list", "Cold List", "Kaltadressen"),
    ("social", "LinkedIn"),
    ("partner", "Partner"),
    ("referral", "Empfehlung", "Referral"),
)
SOURCE_WEIGHTS = (0.36, 0.14, 0.11, 0.15, 0.10, 0.08, 0.06)
WEBINAR = 1
COLD_LIST = 3

LANGUAGES = ("de", "en", "fr", "nl")
YES_NO: tuple[tuple[str, ...], ...] = (("no", "nein", "No"), ("yes", "ja", "Yes"))
CHANNELS = ("letter", "phone", "email", "chat")
QUALITIES = ("Hot", "Warm", "Cold", "Select")
STATUSES = ("new", "working", "won", "lost")
THEMES = (
    "Messe Hannover", "Spring Offer", "Digital Day", "Herbstaktion", "ROI Calculator", "Customer Story",
    "Frühlingspaket", "Security Guide", "Mittelstand Tour", "Buyer Checklist", "Sommerdemo", "Year-End Deal",
)  # fmt: skip

REPS = (
    "A. Becker", "M. Vogt", "S. Lindner", "J. Kramer", "T. Hofer", "E. Moser", "L. Brunner", "R. Keller",
    "P. Shaw", "C. Dubois",
)  # fmt: skip
REP_REGIONS = (0, 0, 0, 0, 1, 1, 2, 2, 3, 3)  # Germany, Austria, Switzerland, elsewhere

FIRST_NAMES = (
    "anna", "bernd", "carla", "daniel", "eva", "felix", "greta", "hannes", "ines", "jan", "katrin", "lukas",
    "maria", "nils", "olga", "paul", "renate", "stefan", "tanja", "uwe", "vera", "walter", "yvonne", "emma",
    "oliver", "grace", "henry", "lucy", "george", "sophie", "pierre", "claire", "sanne", "bram", "peter",
    "monika", "ralf", "birgit", "mehmet", "aylin",
)  # fmt: skip
LAST_NAMES = (
    "ahlbrecht", "bergmoser", "claasen", "dornfeld", "eichwald", "fahrland", "grubental", "haberkorn",
    "immelmann", "jansfeld", "kaltenhof", "lohwasser", "mohnfeld", "niederbach", "oberstolz", "pfeilsticker",
    "quellmann", "rosenacker", "sandhagen", "tannhofer", "ulmenried", "vossberg", "wiesenthal", "zandermann",
    "ashcombe", "brightwell", "coldham", "dunmore", "eastlake", "fairbourne", "garnier", "dubreuil",
    "vandermolen", "dekuyper", "birkenau", "steinacher", "hochrainer", "lindqvist", "moosbrugger",
    "trautwein",
)  # fmt: skip
FREE_DOMAINS = ("gmail.com", "gmx.de", "web.de", "outlook.com", "t-online.de", "yahoo.de", "gmx.at")

FIRM_HEADS = (
    "nord", "sued", "ost", "west", "alpen", "donau", "rhein", "elbe", "isar", "main", "berg", "tal", "wald",
    "stein", "eisen", "kupfer", "silber", "gold", "blau", "rot", "gruen", "licht", "sonnen", "mond", "stern",
    "wind", "feuer", "wasser", "feld", "garten", "hafen", "insel", "kraft", "neu", "alt", "jung", "gross",
    "fein", "klar", "stark", "atlas", "delta", "omega", "nova", "quanta", "lumo", "vela", "orbi", "terra",
    "aero", "oak", "river", "stone", "clear", "bright", "north", "harbour", "maple", "swift", "union",
)  # fmt: skip
FIRM_TAILS = (
    "werk", "technik", "bau", "haus", "metall", "soft", "data", "handel", "logistik", "system", "druck",
    "holz", "glas", "farben", "medien", "pflege", "labor", "beratung", "montage", "antrieb", "optik",
    "energie", "plan", "form", "gruppe", "service", "markt", "textil", "kontor", "netz", "works", "labs",
    "supply", "partners", "trade", "tools", "build", "care", "design", "point", "line", "cloud", "craft",
    "motion", "field", "bridge", "base", "forge", "path", "gate",
)  # fmt: skip
