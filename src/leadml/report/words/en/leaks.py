"""Words of the report: leaks, by the test that found them."""

LEAKS = {
    "leaks_title": "Fields that may know the outcome",
    "leaks_none": "No field looks as if it had been filled in after the outcome, by its values, its gaps or its "
    "name. That is no proof that none was.",
    "leak_known_at": "{field} became known only after the lead came in, for {share} of the {n} leads that have it.",
    "leak_outcome": "{field} is filled in, or changed, for {decided} of decided leads, but for {still} of open ones "
    "that came in at the same time.",
    "leak_level": "{n} leads have one value, or any value, in {field}; {rate} of them converted (of all leads {base}).",
    "leak_power": "{field} alone tells converted from other leads (ROC AUC {auc}), far beyond what honest fields do.",
    "leak_missing": "{field} is filled in for {converted} of converted leads, but for {others} of the others.",
    "leak_name": "By its name, {field} may be filled in late (ROC AUC {auc}).",
    "leak_collapse": "{field} tells the outcome as it stands (ROC AUC {auc}), but not as it was known when the lead "
    "came in ({auc_known}).",
    "leak_id": "{field} is an id, but tells converted from other leads of the same time (ROC AUC {auc}): it may be "
    "given late.",
    "leak_order": "The order of the rows tells converted from other leads (ROC AUC {auc}): the table may be sorted "
    "by what came later.",
    "leak_duplicates": "{n} of the newest leads are the same, value for value, as older ones: they stand in both "
    "parts.",
    "leak_mend": "Find out when it is filled in; if that is after the outcome, name it under leads.ignore and train "
    "again.",
    "leak_mend_table": "Look how the table was exported.",
    "leak_allowed": "That is proof of a leak, but leads.allow lets it in.",
    "trust_leak": "Until that is cleared up, trust nothing here.",
}
