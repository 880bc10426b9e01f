"""The sample CRM: invented leads of a software vendor, of which the truth is known.

Everything is drawn from a seed. What is planted (a leak, a proxy, an overlooked group, drift, ...) is
described with its coefficients in docs/sample.md, and each plant can be switched off.
"""

from leadml.leads.sample.crm import Planted, Sample, Span, make_sample, new_leads
from leadml.leads.sample.files import write_config, write_sample

__all__ = ["Planted", "Sample", "Span", "make_sample", "new_leads", "write_config", "write_sample"]
