"""German: what the model reached."""

RESULTS = {
    "conversions_found": "gefundene Abschlüsse",
    "leads_called": "angerufene Leads",
    "gains_title": "Gefundene Abschlüsse",
    "gains_caption": "Wie viele aller Abschlüsse unter den ersten Leads der Liste sind. Das Band ist das "
    "95-%-Intervall.",
    "gains_alt": "Gains-Kurve: Die ersten 20 % der Leads enthalten {at} aller Abschlüsse, die Hälfte steckt in den "
    "ersten {half}.",
    "lift_axis": "Vielfaches der mittleren Quote",
    "lift_title": "Lift",
    "lift_caption": "Wie viel häufiger die ersten Leads kaufen als der durchschnittliche. Ruft man alle an, sinkt er "
    "auf 1.",
    "lift_alt": "Lift-Kurve: Die ersten 10 % der Leads kaufen {at}-mal so häufig wie der Durchschnitt.",
    "calls_intro": "So weit wäre Ihr Team gekommen, hätte es die Testleads in der Reihenfolge dieses Modells "
    "angerufen.",
    "depth": "erste {share}",
    "depth_capacity": "Ihre Kapazität ({share})",
    "depth_head": "angerufen",
    "calls_head": "Anrufe",
    "found_head": "erreichte Abschlüsse",
    "capture_head": "Anteil aller Abschlüsse (95-%-Intervall)",
    "precision_head": "dieser Anrufe führen zum Abschluss (95-%-Intervall)",
    "rule_head": "beste einfache Regel: {rule}",
    "depths_caption": "Anrufe und Abschlüsse im Test",
    "grades_title": "Was die Noten wert sind",
    "grades_intro": "Die Testleads nach der Note, die jeder bei seinem Eingang bekommen hätte.",
    "grades_caption": "Testleads nach Note",
    "grade": "Note",
    "rate_interval": "gekauft (95-%-Intervall)",
    "expected": "mittlere Wahrscheinlichkeit",
    "board_intro": "Jede Familie steht hier mit ihren besten Einstellungen. Gewählt wurde allein auf Zeitabschnitten "
    "der älteren Leads, ohne einen Blick auf den Test. Wo zwei nicht zu unterscheiden sind, wird das einfachere "
    "Modell eingesetzt.",
    "board_title": "Reihenfolge der Testleads",
    "board_caption": "ROC AUC auf den Testleads mit 95-%-Intervallen; die gestrichelte Linie ist der Zufall. "
    "Gefüllt: dieses Modell.",
    "auc_axis": "ROC AUC",
    "candidate": "Kandidat",
    "status": "Rolle",
    "chosen": "dieses Modell",
    "ships": "einsetzbar",
    "yardstick": "Maßstab, nicht einsetzbar",
    "simple_rule": "einfache Regel",
    "fold_loss": "Verlust auf den Abschnitten",
    "fold_auc": "ROC AUC auf den Abschnitten",
    "family_prior": "logistische Regression mit Vorwissen",
    "family_logistic": "logistische Regression",
    "family_ebm": "erklärbare Boosting-Maschine",
    "family_blend": "Mittel der beiden",
    "family_trees": "Boosting-Bäume",
    "metrics_title": "Alle Maße",
    "metrics_caption": "Maße auf den Testleads",
    "metric": "Maß",
    "value_interval": "Wert (95-%-Intervall)",
    "meaning": "Bedeutung",
    "rate_axis": "gekauft",
    "probability_axis": "Wahrscheinlichkeit",
    "calibration_title": "Wahrscheinlichkeit und Ausgang",
    "calibration_intro": "Wenn man Leads mit 30 % Wahrscheinlichkeit beim Wort nehmen kann, kaufen etwa 30 von 100: "
    "Die Punkte liegen auf der gestrichelten Linie.",
    "calibration_caption": "Testleads in zehn Gruppen nach Wahrscheinlichkeit. Die Striche sind 95-%-Intervalle der "
    "Quote; die dünne Linie ist die monotone Anpassung; die Balken unten zeigen, wie viele Leads welche "
    "Wahrscheinlichkeit haben.",
    "calibration_alt": "Zuverlässigkeitsdiagramm von {n} Leads: In {inside} von {bins} Gruppen liegt die mittlere "
    "Wahrscheinlichkeit im Intervall der Quote.",
    "calibration_dot": "gesagt {expected}, gekauft {rate} von {n}",
    "calibration_legend_bins": "ein Zehntel der Leads",
    "calibration_legend_fit": "monotone Anpassung",
    "perfect": "vollkommen",
    "glass_title": "Scorecard gegen Boosting-Bäume",
    "glass_intro": "Eingesetzt wird eine Summe aus einer Zahl je Feld, die man lesen und prüfen kann. Boosting-Bäume "
    "dürfen jede Wechselwirkung von Feldern nutzen, aber niemand kann sie lesen. So viel würden sie auf den "
    "Testleads gewinnen oder verlieren.",
    "glass_caption": "Scorecard minus Boosting-Bäume, gepaart je Lead, mit 95-%-Intervallen. Ein Intervall, das 0 "
    "enthält, zeigt keinen Unterschied.",
    "glass_difference": "Scorecard minus Bäume",
    "trees_better": "Bäume besser",
    "card_better": "Scorecard besser",
    "glass_none": "Boosting-Bäume haben in diesem Training nicht teilgenommen; der Preis ist nicht bekannt.",
    "glass_even": "Keiner, den dieser Test zeigen könnte: Der Unterschied der ROC AUC ist {auc}.",
    "glass_wins": "Keiner: Die Wahrscheinlichkeiten der Scorecard sind besser als die der Bäume. Der Unterschied der "
    "ROC AUC ist {auc}.",
    "glass_loses": "Boosting-Bäume geben hier bessere Wahrscheinlichkeiten. Der Unterschied der ROC AUC ist {auc}: "
    "Suchen Sie nach Feldern, die zusammenwirken.",
    "gate": "Prüfung",
    "gate_signal": "Signal",
    "gate_champion": "gegen das bisherige Modell",
    "measured": "gemessen",
    "bound": "Schranke (einseitig 95 %)",
    "limit": "Grenze",
    "passed": "bestanden",
    "checks_caption": "Die Prüfung: was gelten musste, damit das Modell eingesetzt wird",
    "method_intro": "Die neuesten Leads wurden für einen einzigen Test beiseitegelegt. Familien und Einstellungen "
    "traten auf fortlaufenden Zeitabschnitten der älteren an. Das gewählte Rezept wurde einmal getestet und lernte "
    "dann noch einmal aus allen Leads, deren Ausgang endgültig ist: Das ist die Scorecard im Einsatz. Die Zahlen "
    "oben sind die des Rezepts von davor.",
    "recipe_caption": "Rezept und Daten",
    "row_family": "Familie",
    "row_settings": "Einstellungen",
    "row_terms": "Terme der Scorecard",
    "row_pairs": "Paare der Scorecard",
    "row_older": "vor dem Test gelernt aus",
    "row_test": "getestet an",
    "row_refit": "im Einsatz, gelernt aus",
    "row_calibration": "Kalibrierung",
    "row_intervals": "Intervalle",
    "row_seed": "Startwert",
    "row_digest": "Prüfsumme der Daten",
    "row_libraries": "Bibliotheken",
    "refit": "{n} Leads, davon {won} mit Abschluss",
    "grouped": "Bootstrap mit {n} Ziehungen, nach Gruppen",
    "by_lead": "Bootstrap mit {n} Ziehungen, nach Leads",
    "calibrated_slope": "Steigung und Achsenabschnitt, an {n} Abschlüssen",
    "calibrated_intercept": "nur Achsenabschnitt, an {n} Abschlüssen",
    "calibrated_not": "keine, wegen nur {n} Abschlüssen",
    "log_title": "Im Protokoll",
    "log_intro": "Das Urteil und die Hinweise des Trainings in den Worten des Protokolls (englisch).",
    "sources_title": "Quellen",
    "sources": "Intervalle der Maße: Perzentil-Bootstrap (Efron und Tibshirani 1993). Der Quoten: Wilson 1927. "
    "Monotone Anpassung: Dimitriadis, Gneiting und Jordan, PNAS 2021. Stabilitätsindex und seine Lesart: Siddiqi, "
    "Credit Risk Scorecards, 2006; durch Zufall: Yurdakul 2018. Einfache Regel nach bisherigen Quoten: Micci-Barreca "
    "2001. Wahl des Einfachsten: Breiman et al. 1984.",
}

METRICS = {
    "base_rate": "Grundquote",
    "meaning_base_rate": "Anteil der Testleads, die gekauft haben",
    "metric_roc_auc": "ROC AUC",
    "meaning_roc_auc": "Chance, dass ein Abschluss vor einem Lead ohne steht; 0,5 ist Zufall, 1 vollkommen",
    "metric_average_precision": "mittlere Präzision",
    "meaning_average_precision": "Präzision im Mittel über die Abschlüsse; die Grundquote ist Zufall",
    "metric_log_loss": "Log-Loss",
    "meaning_log_loss": "Fehler der Wahrscheinlichkeiten; weniger ist besser",
    "metric_brier": "Brier-Score",
    "meaning_brier": "mittlerer quadratischer Fehler der Wahrscheinlichkeiten; weniger ist besser",
    "metric_calibration_slope": "Kalibrierungssteigung",
    "meaning_calibration_slope": "1 ist am besten; darunter sind die Wahrscheinlichkeiten zu extrem, darüber zu "
    "zaghaft",
    "metric_calibration_intercept": "Kalibrierungsabschnitt",
    "meaning_calibration_intercept": "0 ist am besten; darüber sind die Wahrscheinlichkeiten im Mittel zu niedrig",
    "metric_calibration_error": "Kalibrierungsfehler",
    "meaning_calibration_error": "mittlerer Abstand von Wahrscheinlichkeit und Quote über zehn Gruppen; wächst mit "
    "dem Rauschen",
    "metric_lift_at_5pct": "Lift in den ersten 5 %",
    "meaning_lift_at_5pct": "Abschlussquote dieser Leads als Vielfaches der Grundquote",
    "metric_lift_at_10pct": "Lift in den ersten 10 %",
    "meaning_lift_at_10pct": "dasselbe für die ersten 10 %",
    "metric_lift_at_20pct": "Lift in den ersten 20 %",
    "meaning_lift_at_20pct": "dasselbe für die ersten 20 %",
    "metric_capture_at_5pct": "gefunden in den ersten 5 %",
    "meaning_capture_at_5pct": "Anteil aller Abschlüsse unter diesen Leads",
    "metric_capture_at_10pct": "gefunden in den ersten 10 %",
    "meaning_capture_at_10pct": "dasselbe für die ersten 10 %",
    "metric_capture_at_20pct": "gefunden in den ersten 20 %",
    "meaning_capture_at_20pct": "dasselbe für die ersten 20 %",
    "metric_capture_at_capacity": "gefunden innerhalb der Kapazität",
    "meaning_capture_at_capacity": "Anteil aller Abschlüsse unter den Leads, die Ihre Kapazität erreicht (oder ein "
    "Zehntel)",
    "metric_precision_at_capacity": "Quote innerhalb der Kapazität",
    "meaning_precision_at_capacity": "Abschlussquote dieser Leads",
}
