"""German: the first page."""

HOME = {
    "home_title": "Welche Leads zuerst?",
    "home_sub": "Laden Sie Ihre Leads hoch, oder öffnen Sie eine Liste. Sie kommen geordnet zurück, jeder mit seinen "
    "Gründen.",
    "strip_model": "Modell",
    "strip_trained": "Trainiert",
    "strip_horizon": "Sagt einen Kauf voraus",
    "strip_reached": "Im Test haben die ersten 20 %",
    "strip_reached_value": "{at} der Käufer erreicht",
    "strip_more": "Über das Modell",
}
