"""German: the model card."""

CARD = {
    "card_kind": "Modellkarte",
    "card_h_purpose": "Zweck",
    "card_h_avoid": "Wofür es nicht gedacht ist",
    "card_h_data": "Daten und Grundgesamtheit",
    "card_h_tested": "Wie es getestet wurde",
    "card_h_segments": "Nach Segmenten",
    "card_h_limits": "Grenzen",
    "card_h_sign": "Freigabe",
    "card_purpose": "Dieses Modell schätzt die Chance, dass ein Lead {horizon} kauft. Es ordnet Leads für Menschen, "
    "die entscheiden, wen sie zuerst ansprechen, und sagt warum. "
    "Gedacht ist es für Vertriebsteams, deren Leads den unten beschriebenen gleichen.",
    "within_days": "innerhalb von {n} Tagen nach seinem Eingang",
    "within_none": "überhaupt (ohne Horizont)",
    "avoid_legal": "Entscheidungen mit rechtlichen oder ähnlich schweren Folgen für Menschen: Kredit, Versicherung, "
    "Beschäftigung, Wohnung, Bildung, Preise für einzelne Personen, Zugang zu öffentlichen Leistungen.",
    "avoid_alone": "Einem Lead Kontakt oder Leistung zu verweigern, ohne dass ein Mensch entscheidet. Der Score "
    "ordnet Arbeit; er urteilt nicht.",
    "avoid_protected": "Ein geschütztes Merkmal zu ersetzen. Geschützte Spalten sind keine Eingabe, aber andere "
    "Felder können mit ihnen einhergehen: Vergleichen Sie die Segmente unten.",
    "avoid_causes": "Gründe als Ursachen zu lesen oder vorherzusagen, was eine Kampagne, ein Rabatt oder ein Anruf "
    "ändert.",
    "avoid_other_population": "Leads aus anderen Märkten, zu anderen Produkten oder auf anderen Wegen als die "
    "gelernten, ohne einen Test dort.",
    "avoid_people": "Die Leistung von Vertriebsleuten zu beurteilen.",
    "card_population": "Gelernt hat es aus {n} Leads mit endgültigem Ausgang; {rate} davon haben gekauft.",
    "card_between": "Sie kamen vom {a} bis zum {b}.",
    "card_data": "Daten und Rezept",
    "card_name": "Tabelle",
    "card_rows": "Zeilen der Tabelle",
    "card_period": "Eingang der Leads",
    "card_learned": "gelernt aus",
    "card_until": "neuester gelernter Lead",
    "card_outcome": "gilt als Abschluss",
    "card_fields": "Felder, die es liest",
    "card_reads": "Felder, die wichtigsten zuerst",
    "card_tested": "Das Rezept wurde auf fortlaufenden Zeitabschnitten älterer Leads gewählt und einmal an den "
    "neuesten {n} Leads getestet, von denen {won} gekauft haben. Dann wurde die Scorecard noch einmal an alle Leads "
    "mit endgültigem Ausgang angepasst; die Maße stammen von davor.",
    "card_test_dates": "Die Testleads kamen vom {a} bis zum {b}.",
    "card_verdict": "Das Urteil der Prüfung (englisch):",
    "rules_caption": "Gegen Regeln, die kein Modell brauchen",
    "segment": "Segment",
    "leads_conversions": "Testleads / Abschlüsse",
    "listed": "unter den ersten 20 % (95-%-Intervall)",
    "found_listed": "dort gefundene Abschlüsse (95-%-Intervall)",
    "segments_caption": "Testmaße nach Segment",
    "segments_protected_caption": "Testmaße nach geschütztem Merkmal",
    "segments_note": "Segmente mit mindestens 50 Testleads und 10 Abschlüssen. „Unter den ersten 20 %“ ist der "
    "Anteil der Leads des Segments, die zu den ersten 20 % aller Testleads gehören. Es werden viele Segmente "
    "verglichen, das eine oder andere sticht durch Zufall heraus; achten Sie auf die Intervalle.",
    "segments_none": "Kein Segment hat 50 Testleads und 10 Abschlüsse.",
    "segments_unknown": "Dieses Modell wurde ohne die Belege seines Trainings gespeichert; über Segmente, Zeiträume "
    "und Drift lässt sich nichts sagen. Trainieren Sie noch einmal, um sie zu haben.",
    "protected_shown": "Geschützte Spalten sind nie eine Eingabe. Sie werden nur hier gelesen, um zu sehen, ob das "
    "Modell allen gleich dient.",
    "protected_few": "Geschützte Spalten sind benannt, aber kein Wert hat 50 Testleads und 10 Abschlüsse, oder sie "
    "lassen sich nicht in Werte teilen.",
    "protected_none": "Es sind keine geschützten Spalten benannt (leads.protected); ob es allen Gruppen gleich "
    "dient, ist nicht bekannt.",
    "limit_not_promoted": "Es hat die Prüfung nicht bestanden und darf nicht ohne weiteren Blick eingesetzt werden.",
    "limit_few": "Es wurde an nur {n} Abschlüssen getestet: Alle Zahlen sind grob.",
    "limit_drift": "Die neuesten Leads unterscheiden sich stark von älteren in: {names}.",
    "limit_dated": "Weggelassen, weil es einen Lead datiert: {names}.",
    "limit_causes": "Es sagt, was mit Abschlüssen einherging, nicht, was sie bewirkt. Ein Lead, den niemand anruft, "
    "kauft selten.",
    "limit_past": "Es gilt, solange Leads, Markt und Vertrieb bleiben, wie sie waren. Trainieren Sie spätestens dann "
    "neu, wenn die neuesten Ausgänge nicht unter seinen Daten sind, und achten Sie auf die Drift in seinem Bericht.",
    "limit_refit": "Die Maße sind die des Rezepts vor der letzten Anpassung; die Scorecard im Einsatz hat die "
    "Testleads gesehen.",
    "sign_intro": "Geprüft für den Zweck oben, mit den Maßen und Grenzen oben.",
    "sign_yes": "freigegeben",
    "sign_with": "mit Auflagen freigegeben",
    "sign_no": "abgelehnt",
    "sign_conditions": "Auflagen",
    "sign_review": "Erneut prüfen bis",
    "sign_name": "Name",
    "sign_role": "Funktion",
    "sign_date": "Datum",
    "sign_signature": "Unterschrift",
    "sign_blank": "von Hand auszufüllen",
}
