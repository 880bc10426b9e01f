"""Wörter des Berichts: Lecks, nach der Prüfung, die sie fand."""

LEAKS = {
    "leaks_title": "Felder, die den Ausgang kennen könnten",
    "leaks_none": "Kein Feld sieht nach seinen Werten, seinen Lücken oder seinem Namen so aus, als wäre es erst "
    "nach dem Ausgang ausgefüllt worden. Ein Beweis ist das nicht.",
    "leak_known_at": "{field} wurde erst bekannt, als der Lead schon da war: bei {share} der {n} Leads, die es haben.",
    "leak_outcome": "{field} ist bei {decided} der entschiedenen Leads ausgefüllt oder geändert, aber nur bei "
    "{still} der offenen, die zur gleichen Zeit kamen.",
    "leak_level": "{n} Leads haben in {field} einen bestimmten oder überhaupt einen Wert; {rate} davon wurden "
    "gewonnen (von allen Leads {base}).",
    "leak_power": "{field} allein trennt gewonnene von anderen Leads (ROC AUC {auc}), weit besser, als ehrliche "
    "Felder es tun.",
    "leak_missing": "{field} ist bei {converted} der gewonnenen Leads ausgefüllt, bei den anderen aber bei {others}.",
    "leak_name": "{field} wird dem Namen nach vielleicht erst spät ausgefüllt (ROC AUC {auc}).",
    "leak_collapse": "{field} verrät den Ausgang, wie es jetzt dasteht (ROC AUC {auc}), aber nicht, wie es bekannt "
    "war, als der Lead kam ({auc_known}).",
    "leak_id": "{field} ist eine Nummer, trennt aber gewonnene von anderen Leads der gleichen Zeit (ROC AUC {auc}): "
    "Sie wird vielleicht erst spät vergeben.",
    "leak_order": "Die Reihenfolge der Zeilen trennt gewonnene von anderen Leads (ROC AUC {auc}): Die Tabelle ist "
    "vielleicht nach etwas sortiert, das später kam.",
    "leak_duplicates": "{n} der neuesten Leads sind Wert für Wert gleich wie ältere: Sie stehen in beiden Teilen.",
    "leak_mend": "Klären Sie, wann es ausgefüllt wird; wenn das nach dem Ausgang ist, nennen Sie es unter "
    "leads.ignore und trainieren Sie noch einmal.",
    "leak_mend_table": "Sehen Sie nach, wie die Tabelle exportiert wurde.",
    "leak_allowed": "Das beweist ein Leck, aber leads.allow lässt es zu.",
    "trust_leak": "Solange das nicht geklärt ist, trauen Sie hier nichts.",
}
