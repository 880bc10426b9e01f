"""Words of the report in German: leads that were drawn by lot."""

EXPLORED = {
    "section_explored": "Leads, die das Modell übergangen hätte",
    "explored_intro": "Einige Plätze Ihrer Listen wurden unter den Leads unterhalb der Grenze verlost. Was aus ihnen "
    "wurde, sagt unverzerrt, was das Modell übersieht. Vorhergesagt haben es Modelle, die sie nicht kannten.",
    "explored_rate": "Von den Leads, die das Modell übergangen hätte, haben {rate} gekauft, wie {n} ausgeloste zeigen; "
    "vorhergesagt waren {said}.",
    "explored_missing": "Es übersieht etwas bei {groups}.",
    "explored_excess": "Es kaufen mehr, als es sagt. Das ist erwiesen, aber bei keiner einzelnen Gruppe.",
    "explored_fits": "Nichts ist erwiesen, was es übersieht (eine Gruppe von {n} Leads müsste {times}-mal so oft "
    "kaufen, wie es sagt, damit man es sähe).",
    "explored_few": "Das sind zu wenige für ein Urteil: Etwa {needed} Ausgänge ausgeloster Leads sind nötig, um zu "
    "sehen, dass doppelt so viele kaufen, wie es sagt.",
    "explored_group": "Gruppe",
    "explored_expected": "erwartet",
    "explored_chance": "durch Zufall",
    "explored_missed_caption": "Gruppen ausgeloster Leads, die öfter kaufen, als das Modell sagt",
    "explored_weighted": "alle Leads, nicht nur die angerufenen (95-%-Intervall)",
    "explored_plain": "Leads auf Listen, wie sie sind (95-%-Intervall)",
    "explored_ranking_caption": "Reihenfolge von {n} Leads auf Listen, jeder so oft gezählt, wie er für andere steht "
    "(so viel wert wie {effective} gleiche), und wie sie sind",
    "explored_method": "Jeder Lead zählt 1 / seine Ziehungswahrscheinlichkeit (Hájek); das Intervall ist exakt für die "
    "wirksame Zahl der Leads (Clopper und Pearson; Korn und Graubard). Eine Gruppe wird nur genannt, wenn so viele "
    "Abschlüsse höchstens mit 5 % Wahrscheinlichkeit vorkämen, wenn das Modell stimmt, bereinigt um alle {n} "
    "betrachteten Gruppen, auch aus Feldern, die es nicht nutzt.",
}
