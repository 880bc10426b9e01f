"""English: the model card."""

CARD = {
    "card_kind": "Model card",
    "card_h_purpose": "Purpose",
    "card_h_avoid": "Uses to avoid",
    "card_h_data": "Data and population",
    "card_h_tested": "How it was tested",
    "card_h_segments": "By segment",
    "card_h_limits": "Limits",
    "card_h_sign": "Review",
    "card_purpose": "This model estimates the chance that a sales lead converts {horizon}. It puts leads in order "
    "for people who decide whom to contact first, and says why. It is "
    "meant for sales teams whose leads resemble those described below.",
    "within_days": "within {n} days of coming in",
    "within_none": "at all (without a horizon)",
    "avoid_legal": "Decisions with legal or similarly grave effects on people: credit, insurance, employment, "
    "housing, education, prices for single persons, access to public services.",
    "avoid_alone": "Refusing contact or service to a lead without a person deciding. The score orders work; it does "
    "not judge.",
    "avoid_protected": "Standing in for a protected trait. Protected columns are no input, but other fields may go "
    "along with them: compare the segments below.",
    "avoid_causes": "Reading reasons as causes, or predicting what a campaign, a discount or a call will change.",
    "avoid_other_population": "Leads from other markets, products or ways of contact than those it learned from, "
    "without a test there.",
    "avoid_people": "Judging the performance of sales staff.",
    "card_population": "It learned from {n} leads whose outcome is final; {rate} of them converted.",
    "card_between": "They came in from {a} to {b}.",
    "card_data": "Data and recipe",
    "card_name": "table",
    "card_rows": "rows of the table",
    "card_period": "leads came in",
    "card_learned": "learned from",
    "card_until": "newest lead learned from",
    "card_outcome": "counts as converted",
    "card_fields": "Fields that it reads",
    "card_reads": "fields, those that matter most first",
    "card_tested": "The recipe was chosen on rolling time folds of older leads and tested once on the newest {n} "
    "leads, of which {won} converted. Then the scorecard was fitted again on all leads whose outcome is final; the "
    "metrics are from before that.",
    "card_test_dates": "The test leads came in from {a} to {b}.",
    "card_verdict": "The gate said:",
    "rules_caption": "Against rules that need no model",
    "segment": "segment",
    "leads_conversions": "test leads / conversions",
    "listed": "in the first 20% (95% interval)",
    "found_listed": "its conversions found there (95% interval)",
    "segments_caption": "Test metrics by segment",
    "segments_protected_caption": "Test metrics by protected trait",
    "segments_note": "Segments of at least 50 test leads and 10 conversions. “In the first 20%” is the share of the "
    "segment's leads among the first 20% of all test leads. Many segments are compared, so one or another stands out "
    "by chance; look at the intervals.",
    "segments_none": "No segment has 50 test leads and 10 conversions.",
    "segments_unknown": "This model was saved without the evidence of its training, so nothing can be said of "
    "segments, periods and drift. Train again to have them.",
    "protected_shown": "Protected columns are never an input. They are read here only, to see whether the model "
    "serves all alike.",
    "protected_few": "Protected columns are named, but no level of them has 50 test leads and 10 conversions, or "
    "they cannot be cut into levels.",
    "protected_none": "No protected columns are named (leads.protected), so whether it serves all groups alike is "
    "not known.",
    "limit_not_promoted": "It did not pass the gate and must not serve without a further look.",
    "limit_few": "It was tested on {n} conversions only: all numbers are rough.",
    "limit_drift": "The newest leads differ much from older ones in: {names}.",
    "limit_dated": "Left out because it dates a lead: {names}.",
    "limit_causes": "It tells what went along with conversions, not what causes them. A lead that nobody calls "
    "seldom converts.",
    "limit_past": "It holds as long as leads, market and sales practice stay as they were. Train again at the latest "
    "when the newest outcomes are not among its data, and watch the drift in its report.",
    "limit_refit": "The metrics are those of the recipe before its last fit; the scorecard that serves has seen the "
    "test leads.",
    "sign_intro": "Reviewed for the purpose above, with the metrics and limits above.",
    "sign_yes": "approved",
    "sign_with": "approved with conditions",
    "sign_no": "rejected",
    "sign_conditions": "Conditions",
    "sign_review": "Review again by",
    "sign_name": "Name",
    "sign_role": "Role",
    "sign_date": "Date",
    "sign_signature": "Signature",
    "sign_blank": "to be filled in by hand",
}
