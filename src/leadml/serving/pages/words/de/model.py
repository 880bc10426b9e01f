"""German: the page on the model."""

MODEL = {
    "model_title": "Das Modell",
    "model_sub": "Modell {version}, trainiert {ago}.",
    "aim_none": "Es sagt, wie wahrscheinlich ein Lead kauft.",
    "aim_one": "Es sagt, wie wahrscheinlich ein Lead innerhalb von {n} Tag nach seinem Eingang kauft.",
    "aim_many": "Es sagt, wie wahrscheinlich ein Lead innerhalb von {n} Tagen nach seinem Eingang kauft.",
    "good_title": "Wie gut es ist",
    "answer_capture": "In einem Test an den neuesten {n} Leads erreichten die ersten 20 % der Anrufe {at} der Käufer.",
    "answer_lift": "In einem Test an den neuesten {n} Leads kauften die ersten 10 % seiner Liste {times}-mal so oft "
    "wie der Durchschnitt.",
    "answer_none": "Getestet wurde es an den neuesten {n} Leads.",
    "compare_random": "Ebenso viele Anrufe in zufälliger Reihenfolge erreichen 20 %.",
    "compare_rule": "Ebenso viele Anrufe in zufälliger Reihenfolge erreichen 20 %; die beste Regel, die kein Modell "
    "braucht ({rule}), erreichte {best}.",
    "tested_how": "Beim Test kannte es diese Leads nicht. Die Intervalle sagen, wie weit der Zufall eine Zahl "
    "verschoben haben kann, in 95 von 100 solchen Tests.",
    "stat_capture": "Käufer unter den ersten 20 %",
    "stat_capture_note": "aller Käufer im Test; 95-%-Intervall {span}",
    "stat_lift": "Die ersten 10 % kaufen",
    "stat_lift_value": "{times}-mal",
    "stat_lift_note": "so oft wie der Durchschnitt; 95-%-Intervall {span}",
    "stat_pairs": "Richtig geordnet",
    "stat_pairs_value": "{n} von 100",
    "stat_pairs_note": "Paaren aus einem Käufer und einem anderen Lead; 50 wären Zufall; 95-%-Intervall {span}",
    "stat_base": "Kaufen überhaupt",
    "stat_base_note": "{won} von {n} Leads im Test",
    "trust_title": "Wie weit man ihm trauen kann",
    "no_curves": "Dieses Modell kam ohne die Belege seines Trainings. Darum gibt es keine Bilder, keine Zeiträume und "
    "keinen Vergleich alter und neuer Leads. Ein neues Training bringt sie.",
    "grades_title": "Was die Noten wert sind",
    "grades_intro": "Die Leads des Tests nach der Note, die jeder bei seinem Eingang bekommen hätte, und wie viele "
    "davon gekauft haben.",
    "col_grade": "Note",
    "col_leads": "Leads",
    "col_bought": "Gekauft",
    "col_rate": "Anteil, der gekauft hat",
    "col_interval": "95-%-Intervall",
    "col_share": "Anteil heute",
    "col_usual": "Üblich",
    "today_title": "Heute bewertet",
    "today_intro": "Von diesem Server seit Mitternacht (UTC), über die Seite und die Schnittstelle. „Üblich“ ist der "
    "Anteil unter den Leads, aus denen das Modell gelernt hat.",
    "today_none": "Heute wurde noch kein Lead bewertet.",
    "data_title": "Woraus es gelernt hat",
    "fact_horizon": "Sagt einen Kauf voraus",
    "fact_learned": "Gelernt aus",
    "fact_table": "Tabelle",
    "fact_period": "Eingang der Leads",
    "fact_newest": "Neuester Lead",
    "fact_bought": "Gilt als gekauft",
    "fact_trained": "Trainiert am",
    "fact_family": "Art des Modells",
    "horizon_none": "irgendwann",
    "horizon_one": "innerhalb von {n} Tag nach dem Eingang",
    "horizon_many": "innerhalb von {n} Tagen nach dem Eingang",
    "learned": "{n} Leads, von denen {won} gekauft haben",
    "reads_title": "Worauf es achtet",
    "reads_intro": "Der Score eines Leads ist eine Summe mit einem Posten je Feld, darum lässt sich jeder Score "
    "zerlegen.",
    "reads_weighed": "Je länger der Balken, desto mehr bewegt ein Feld die Scores.",
    "reads_none": "Kein Feld dieser Art.",
    "weight": "Gewicht {n} von 100",
    "avoid_title": "Wofür es nicht benutzt werden darf",
    "avoid_protected": "Ein geschütztes Merkmal wie Alter, Geschlecht oder Herkunft zu ersetzen. Solche Spalten sind "
    "nie eine Eingabe, aber andere Felder können mit ihnen einhergehen: Die Modellkarte hat die Zahlen nach Gruppen.",
    "metrics_title": "Alle Zahlen des Tests",
    "metrics_open": "Alle Zahlen zeigen",
    "notice_unproven_title": "Dieses Modell hat seinen Test nicht bestanden.",
    "notice_unproven": "Es ist im Einsatz, weil es jemand von Hand gewählt hat. Verlassen Sie sich nicht auf seine "
    "Reihenfolge, bis ein Modell bestanden hat.",
    "notice_refused_title": "Ein neueres Modell wurde abgelehnt.",
    "notice_refused": "Seine Dateien sind beschädigt oder unvollständig, darum arbeitet dieses weiter. Sagen Sie es "
    "dem, der den Server betreibt.",
    "notice_unusual_title": "Heute bekamen weit mehr Leads als üblich die Note {grade}.",
    "notice_unusual": "{share} der {n} heute bewerteten Leads, üblich sind etwa {usual}. Das ist in Ordnung, wenn "
    "diese Leads von Hand ausgewählt wurden. Wenn nicht, hat sich an den Daten etwas geändert: Vergleichen Sie einige "
    "mit dem, was Sie wissen, bevor Sie sich auf die Noten verlassen.",
    "notice_stale_title": "Dieses Modell wird alt.",
    "notice_stale": "Der neueste Lead, aus dem es gelernt hat, kam {ago} herein, und spätere Ausgänge stehen "
    "inzwischen fest. Märkte und Listen ändern sich: Lassen Sie es neu trainieren.",
    "notice_stale_undated_title": "Dieses Modell wird alt.",
    "notice_stale_undated": "Es wurde {ago} trainiert. Märkte und Listen ändern sich: Lassen Sie es neu trainieren.",
}
