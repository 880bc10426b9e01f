"""What the API answers, as JSON Schema: scored and ranked leads, worklists, problems."""

from leadml.leads.schema import AXES
from leadml.model.axes import SCORES
from leadml.serving.jsonschema import Json
from leadml.serving.problems import TITLES

PROBLEM: Json = {
    "title": "Problem",
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"enum": sorted(TITLES.values())},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "path": {"type": "string", "description": "JSON pointer into the body (RFC 6901)."},
                    "parameter": {"type": "string"},
                    "line": {"type": "integer"},
                    "column": {"type": "string"},
                    "detail": {"type": "string"},
                    "count": {"type": "integer"},
                },
            },
        },
    },
}
_REASON: Json = {
    "type": "object",
    "required": ["field", "axis", "contribution", "text"],
    "properties": {
        "field": {"type": "string"},
        "axis": {"enum": list(AXES)},
        "contribution": {"type": "number", "description": "In log-odds; positive speaks for conversion."},
        "text": {"type": "string"},
    },
}
_CONTRIBUTION: Json = {
    "type": "object",
    "required": ["field", "part", "axis", "contribution", "text", "missing"],
    "properties": {**_REASON["properties"], "part": {"type": "string"}, "missing": {"type": "boolean"}},
}
_NUMBER: Json = {"type": "number"}
_AXIS_SCORE: Json = {
    "type": ["integer", "null"],
    "minimum": 1,
    "maximum": 100,
    "description": "The axis on a scale of its own; null where nothing is known of it.",
}
_COLUMNS: Json = {
    "lead_id": {"type": ["string", "null"]},
    "probability": {"type": "number", "minimum": 0, "maximum": 1},
    "logit": _NUMBER,
    "score": {"type": "integer", "minimum": 1, "maximum": 100},
    "grade": {"type": "string"},
    **dict.fromkeys(SCORES, _AXIS_SCORE),
    **dict.fromkeys(AXES, _NUMBER),
    "base": _NUMBER,
    "summary": {"type": "string", "description": "The three axes in words: what is strong, weak, and not known."},
    "reasons": {"type": "array", "items": _REASON},
    "model_version": {"type": "string"},
    "as_of": {"type": "string", "format": "date-time"},
    "horizon_days": {"type": ["integer", "null"]},
}
SCORED: Json = {
    "title": "ScoredLead",
    "type": "object",
    "description": "base + interest + ability + authority + other = logit.",
    "required": list(_COLUMNS),
    "properties": {
        **_COLUMNS,
        "contributions": {
            "type": "array",
            "items": _CONTRIBUTION,
            "description": "With explain=full: what every term adds; with base they add up to the logit.",
        },
        "ignored_fields": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields of the lead that the model does not know; left out if there are none.",
        },
    },
}
_SCORED_LEAD: Json = {"$ref": "#/components/schemas/ScoredLead"}
_TEXT_OR_NONE: Json = {"type": ["string", "null"]}
CHANGE: Json = {
    "type": "object",
    "required": ["field", "axis", "before", "after", "points_before", "points_after", "change", "text"],
    "properties": {
        "field": {"type": "string"},
        "axis": {"enum": list(AXES)},
        "before": _TEXT_OR_NONE,
        "after": _TEXT_OR_NONE,
        "points_before": _NUMBER,
        "points_after": _NUMBER,
        "change": {"type": "number", "description": "In log-odds."},
        "text": {"type": "string"},
    },
}
RESCORED: Json = {
    "title": "RescoredLead",
    "type": "object",
    "description": "A lead before and after its answers; the changes of why add up to change.",
    "required": ["before", "after", "change", "why"],
    "properties": {
        "before": _SCORED_LEAD,
        "after": _SCORED_LEAD,
        "change": {"type": "number", "description": "after.logit - before.logit"},
        "why": {"type": "array", "items": CHANGE, "description": "What counts most comes first."},
        "ignored_fields": SCORED["properties"]["ignored_fields"],
    },
}
_FRONT: Json = {
    "rank": {"type": "integer", "minimum": 1},
    "owner": {"type": ["string", "null"]},
    "slot": {"enum": ["ranked", "explore"]},
    "propensity": {"type": "number", "minimum": 0, "maximum": 1},
    "expected_value": {"type": ["number", "null"]},
}
RANKED: Json = {
    "title": "RankedLead",
    "type": "object",
    "description": "A scored lead with its place in the list; the columns that came with it follow.",
    "required": [*_FRONT, *_COLUMNS],
    "properties": {**_FRONT, **_COLUMNS},
}
_COUNTS = ("leads", "ranked", "not_open", "do_not_contact", "duplicates", "merged", "past_horizon")
WORKLIST: Json = {
    "type": "object",
    "required": ["leads", *(f"n_{name}" for name in _COUNTS), "notes"],
    "properties": {
        "leads": {"type": "array", "items": {"$ref": "#/components/schemas/RankedLead"}},
        **{f"n_{name}": {"type": "integer", "minimum": 0} for name in _COUNTS},
        "notes": {"type": "array", "items": {"type": "string"}},
    },
}
