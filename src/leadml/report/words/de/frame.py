"""German: what every page has, and the first screen."""

FRAME = {
    "report_title": "Bericht zu Modell {version}",
    "card_title": "Modellkarte: Lead-Modell {version}",
    "skip": "Zum Inhalt",
    "contents": "In diesem Bericht",
    "in_numbers": "In Zahlen",
    "footer": "Geschrieben von leadml. Diese Seite lädt nichts nach und enthält keinen einzelnen Lead: nur Anzahlen, "
    "Quoten und Intervalle.",
    "fact_model": "Modell",
    "fact_trained": "Trainiert",
    "fact_leads": "Leads",
    "fact_as_of": "Stand",
    "fact_horizon": "Horizont",
    "horizon_none": "keiner, der Ausgang ist endgültig",
    "days": "{n} Tage",
    "days_own": "{n} Tage (der Horizont)",
    "n_leads": "{n} Leads",
    "promoted": "Prüfung bestanden",
    "not_promoted": "Nicht eingesetzt",
    "this_model": "dieses Modell",
    "random_order": "zufällige Reihenfolge",
    "rule_newest_first": "neueste zuerst",
    "rule_past_rate": "bisherige Quote nach {field}",
    "missing": "unbekannt",
    "missing_short": "unbekannt",
    "other_levels": "alle übrigen",
    "leads": "Leads",
    "conversions": "Abschlüsse",
    "interval": "95-%-Intervall",
    "yes": "ja",
    "no": "nein",
    "why": "warum",
    "value": "Wert",
    "property": "Eigenschaft",
    "field": "Feld",
    "column": "Spalte",
    "axis": "Achse",
    "axis_interest": "Interesse",
    "axis_ability": "Mittel",
    "axis_authority": "Befugnis",
    "axis_other": "Sonstiges",
    "part_seniority": "Ebene",
    "part_function": "Bereich",
    "part_type": "Art",
    "part_age_days": "Tage vor dem Eingang",
    "part_month": "Monat",
    "part_weekday": "Wochentag",
    "part_count": "Anzahl",
    "part_older": "ältere Leads",
    "part_between": "dazwischen",
    "part_test": "Test",
    "state_good": "Gut",
    "state_careful": "Vorsicht",
    "state_bad": "Schlecht",
    "section_calls": "Was es für Ihre Anrufe bedeutet hätte",
    "section_board": "Gegen andere Modelle und einfache Regeln",
    "section_calibration": "Kann man die Wahrscheinlichkeiten beim Wort nehmen?",
    "section_fields": "Was jedes Feld beiträgt",
    "section_axes": "Interesse, Mittel, Befugnis",
    "section_time": "Dauer, Jahreszeit und Drift",
    "section_left_out": "Was weggelassen wurde, und warum",
    "section_glass": "Der Preis des gläsernen Modells",
    "section_method": "Wie das ermittelt wurde",
}

ANSWER = {
    "next_good": "Rufen Sie von oben in seiner Liste an, und halten Sie fest, was aus jedem Lead wurde: Daraus lernt "
    "das nächste Training.",
    "next_signal": "Rufen Sie an wie bisher. Sammeln Sie mehr Ausgänge oder Felder, die mehr über einen Lead sagen, "
    "und trainieren Sie noch einmal.",
    "next_champion": "Das bisherige Modell bleibt. Das Protokoll am Ende dieser Seite sagt, was schlechter wurde.",
    "next_none": "Vorerst ändert sich nichts. Das Protokoll am Ende dieser Seite sagt, warum.",
    "next_cold": "Halten Sie fest, was aus jedem Lead geworden ist, und trainieren Sie dann neu: Es lernt mit jedem "
    "Abschluss. Bis dahin ist seine Reihenfolge eine erste Vermutung; `leadml models promote VERSION` setzt es ein.",
    "q_good": "Taugt es etwas?",
    "q_calls": "Was heißt das für meine Anrufe?",
    "q_trust": "Darf ich diesen Zahlen trauen?",
    "calls_title": "Anteil aller Abschlüsse, den die ersten 20 % der Anrufe finden",
    "title_promoted": "Ja: Die ersten 20 % seiner Liste anzurufen, hätte {at} der Abschlüsse erreicht.",
    "title_signal_roc_auc": "Nein: Bei neuen Leads ist seine Reihenfolge nicht vom Zufall zu unterscheiden.",
    "title_signal_log_loss": "Noch nicht: Seine Wahrscheinlichkeiten sind nicht nachweislich besser als dieselbe für "
    "jeden Lead.",
    "title_signal_capture_at_20pct": "Noch nicht: Es findet mit den ersten 20 % der Anrufe {at} der Abschlüsse, eine "
    "einfache Regel ({rule}) {best}.",
    "title_champion": "Bleiben Sie beim bisherigen Modell: Das neue ist vielleicht schlechter.",
    "title_untestable": "Kein Urteil: Diese Leads können nicht zeigen, ob das Modell etwas taugt.",
    "title_cold": "Kaltstart: Es konnte erst aus {n} Abschlüssen lernen. Seine Wahrscheinlichkeiten bleiben nahe am "
    "Durchschnitt, und für ein Urteil ist es zu früh.",
    "title_incomparable": "Nicht eingesetzt: Es ließ sich nicht mit dem bisherigen Modell vergleichen.",
    "when_dated": "Vom {a} bis zum {b}",
    "when_undated": "Im Test, dem neuesten Teil der Tabelle,",
    "lead": "{when} kamen {n} Leads, die das Modell nie gesehen hatte; {won} davon haben gekauft. Unter den ersten "
    "{calls} seiner Liste sind {found} davon. {calls} Anrufe in zufälliger Reihenfolge hätten {random} gefunden; "
    "nach der besten einfachen Regel, {rule}, {best}.",
    "lead_none": "{when} kamen {n} Leads, die das Modell nie gesehen hatte, und keiner davon hat gekauft: Daran lässt "
    "sich nichts prüfen.",
    "check_roc_auc_passed": "Es ordnet Leads besser als der Zufall.",
    "check_roc_auc_failed": "Seine Reihenfolge ist vielleicht nicht besser als der Zufall.",
    "check_capture_at_20pct_passed": "Die ersten 20 % der Anrufe finden {value} der Abschlüsse; die beste einfache "
    "Regel ({rule}) findet {best}.",
    "check_capture_at_20pct_failed": "Die ersten 20 % der Anrufe finden nur {value} der Abschlüsse; eine einfache "
    "Regel ({rule}) findet {best}.",
    "check_log_loss_passed": "Seine Wahrscheinlichkeiten sagen mehr als die durchschnittliche Quote.",
    "check_log_loss_failed": "Seine Wahrscheinlichkeiten sagen vielleicht nicht mehr als die durchschnittliche Quote.",
    "champion_passed": "Es ist nicht schlechter als das Modell, das bisher im Einsatz war.",
    "champion_failed": "Es ist vielleicht schlechter als das Modell, das im Einsatz ist.",
    "no_checks": "Nichts ließ sich prüfen.",
    "calls_half": "Die Hälfte der Abschlüsse steckt in den ersten {share} seiner Liste; in zufälliger Reihenfolge "
    "rufen Sie dafür 50 % an.",
    "calls_tenth": "Von den ersten 10 % der Leads kaufen {rate}, von allen {base}: {times}-mal so viele je Anruf.",
    "calls_capacity": "Ihre {calls} Anrufe hätten {found} der Abschlüsse erreicht.",
    "trust_cold": "Kaltstart: Es wurde ohne Probe gewählt, denn {n} Abschlüsse der älteren Leads reichen dafür nicht. "
    "Es beginnt bei der Durchschnittsquote und weicht nur so weit davon ab, wie die Ergebnisse es hergeben.",
    "trust_sample_good": "Einmal getestet, an neueren Leads als den gelernten, mit {n} Abschlüssen.",
    "trust_sample_careful": "Einmal getestet, an neueren Leads als den gelernten. {n} Abschlüsse sind nicht viele: "
    "Achten Sie auf die Intervalle.",
    "trust_sample_bad": "An nur {n} Abschlüssen getestet: Alle Zahlen hier sind grob.",
    "trust_probabilities": "Wo es im Mittel {said} sagte, haben {came} gekauft.",
    "trust_probabilities_few": "Ob seine Wahrscheinlichkeiten stimmen, lässt sich nicht sagen: {n} Abschlüsse im Test.",
    "trust_probabilities_off": "Es sagte im Mittel {said}, aber {came} haben gekauft: Trauen Sie der Reihenfolge "
    "mehr als den Wahrscheinlichkeiten.",
    "trust_timid": "Seine Wahrscheinlichkeiten waren im Test zu zaghaft (Steigung {slope}, {low} bis {high}; "
    "richtig ist 1): Von den besten Leads kauften noch mehr, als es sagte, von den schwächsten noch weniger.",
    "trust_bold": "Seine Wahrscheinlichkeiten waren im Test zu kühn (Steigung {slope}, {low} bis {high}; "
    "richtig ist 1): Von den besten Leads kauften weniger, als es sagte, von den schwächsten mehr.",
    "trust_drift_none": "Die neuen Leads sind den älteren sehr ähnlich.",
    "trust_drift": "Neue Leads unterscheiden sich in {n} seiner Felder stark von älteren: {names}.",
    "trust_too_good": "So gute Ergebnisse (ROC AUC {auc}) sind selten: Suchen Sie nach einem Feld, das erst danach "
    "ausgefüllt wurde.",
    "trust_no_leak": "Kein Feld sieht so aus, als wäre es erst nach dem Ausgang ausgefüllt worden.",
    "trust_no_horizon": "Ohne Horizont sind Leads, die sich schnell entscheiden, überrepräsentiert.",
    "trust_undated": "Die Leads haben kein Datum; die Zeilen gelten als zeitlich geordnet.",
    "promise": "Jede Zahl hier stammt aus dem Test und hat ein Intervall: Mit anderen Leads derselben Art wäre sie "
    "in 95 von 100 Fällen darin herausgekommen. Frühere Leads zeigen, was Käufer von anderen unterschied. Sie zeigen "
    "nicht, was ein Anruf bewirkt.",
}
