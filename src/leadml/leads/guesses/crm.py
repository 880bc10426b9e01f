"""Exports of six CRMs: what their makers call the columns, and which of them tell the outcome.

To add a CRM: an entry in ``CRMS`` with the columns as its maker documents them, the API's names and the labels in
English and German, and a small made-up export in the tests. Names are compared as ``vocabulary.spoken`` says them.
"""

from collections.abc import Iterable
from typing import Final

from leadml.leads.guesses.crm_entry import COUNTS, LAST, MOVES, SYSTEM, VISITS, WITH, WRITTEN, Crm, names
from leadml.leads.guesses.vocabulary import spoken

NEEDED = 3  # columns that only one CRM has, to take a table for its export

SALESFORCE: Final = Crm(
    "Salesforce",
    "Object Reference and Field Reference of the Lead object, developer.salesforce.com",
    names("""
        IsConverted, ConvertedAccountId, ConvertedContactId, ConvertedOpportunityId, LeadSource, HasOptedOutOfEmail,
        HasOptedOutOfFax, NumberOfEmployees, IsUnreadByOwner, SystemModstamp, LastModifiedById, CreatedById,
        ConvertedDate, MasterRecordId, Jigsaw, Converted Account, Converted Opportunity, Converted Contact,
        Unread By Owner, Lead Record Type, Lead-Inhaber, Leadinhaber, Erstelldatum, Konvertierter Account,
        Konvertierte Opportunity, Konvertiertes Datum, Company / Account, Firma / Account, Lead-Quelle,
        Fax Opt Out, Lead ID, Lead Owner, Lead Owner Alias, Unread By Lead Owner, Converted Account Name,
        Converted Opportunity Name, Converted Contact Name, Last Transfer Date"""),
    {
        "id": names("Id, Lead ID, Lead-ID"),
        "created_at": names("CreatedDate, Created Date, Create Date, Erstelldatum"),
        "outcome": names("Status, Lead Status, Lead-Status, Leadstatus, IsConverted, Converted, Konvertiert"),
        "converted_at": names("ConvertedDate, Converted Date, Konvertiertes Datum"),
        "owner": names("Lead Owner, OwnerId, Owner ID, Lead-Inhaber, Leadinhaber, Lead Owner Alias"),
        "group": names("Company, Company / Account, Firma, Firma / Account"),
        "do_not_contact": names("""
            DoNotCall, Do Not Call, Nicht anrufen, HasOptedOutOfEmail, Email Opt Out, E-Mail-Abmeldung,
            HasOptedOutOfFax, Fax Opt Out"""),
    },
    {
        WITH: names("""
            IsConverted, Converted, Konvertiert, ConvertedAccountId, ConvertedContactId, ConvertedOpportunityId,
            Converted Account, Converted Account ID, Converted Contact, Converted Contact ID, Converted Opportunity,
            Converted Opportunity ID, Konvertierter Account, Konvertierte Opportunity, ConvertedDate, Converted Date,
            Konvertiertes Datum, Converted Account Name, Converted Contact Name, Converted Opportunity Name"""),
        MOVES: names("Status, Lead Status, Lead-Status, Leadstatus, Rating, Bewertung, IsPriorityRecord, Important"),
        LAST: names("""
            LastModifiedDate, LastModifiedById, Last Modified Date, Last Modified By, Last Modified, SystemModstamp,
            LastActivityDate, Last Activity, LastViewedDate, LastReferencedDate, Letzte Aktivität,
            Datum der letzten Änderung, EmailBouncedDate, EmailBouncedReason, FirstCallDateTime, FirstEmailDateTime,
            IsUnreadByOwner, Unread By Owner, Unread By Lead Owner, Unread, Last Transfer Date, ActionCadenceState"""),
        SYSTEM: names(
            "CreatedById, Created By, Created Alias, IsDeleted, Deleted, MasterRecordId, Jigsaw, CleanStatus, PhotoUrl"
        ),
    },
    {
        "converted": names("Closed - Converted, Qualified, Geschlossen - konvertiert"),
        "lost": names("Closed - Not Converted, Unqualified, Geschlossen - nicht konvertiert"),
        "open": names("Open - Not Contacted, Working - Contacted, Offen - nicht kontaktiert, In Arbeit - kontaktiert"),
    },
    names("Title, Titel"),
)

HUBSPOT: Final = Crm(
    "HubSpot",
    "Default contact properties and default deal properties, knowledge.hubspot.com (English and German)",
    names("""
        hs_object_id, lifecyclestage, hs_lead_status, hubspot_owner_id, hs_analytics_source, Lifecycle Stage,
        Lifecycle-Phase, Original Source, Original Traffic Source, Original Source Drill-Down 1,
        Original Source Drill-Down 2, Became a Customer Date, Became a Lead Date, Became an Opportunity Date,
        Became a Marketing Qualified Lead Date, Became a Sales Qualified Lead Date, Number of Pageviews,
        Number of Sessions, Contact owner, Unsubscribed from all email, HubSpot Score, Recent Deal Amount,
        Number of times contacted, Time of Last Session, Ursprüngliche Quelle, Anzahl der Seitenaufrufe,
        Zuständiger Mitarbeiter, Datum der Konversion zum Kunden, Datum der Konversion zum Lead, Deal Stage,
        Number of Form Submissions, dealstage, hs_lifecyclestage_customer_date"""),
    {
        "id": names("Record ID, Contact ID, hs_object_id, Datensatz-ID, Deal ID"),
        "created_at": names("Create Date, createdate, Erstellungsdatum, Erstelldatum"),
        "outcome": names("""
            Lifecycle Stage, lifecyclestage, Lifecycle-Phase, Deal Stage, dealstage, Deal-Phase, Lead Status,
            hs_lead_status, Lead-Status"""),
        "converted_at": names("""
            Became a Customer Date, hs_lifecyclestage_customer_date, Datum der Konversion zum Kunden, Close Date,
            closedate, Abschlussdatum"""),
        "value": names("Amount, Deal-Betrag, Betrag"),
        "owner": names("Contact owner, Deal owner, hubspot_owner_id, Zuständiger Mitarbeiter, Kontakt-Owner"),
        "group": names("Associated Company ID, Associated Company, Company Name, Company, Unternehmensname"),
        "do_not_contact": names("Unsubscribed from all email, hs_email_optout, Von allen E-Mails abgemeldet"),
    },
    {
        WITH: names("""
            Became a Customer Date, Became an Evangelist Date, Became an Opportunity Date, Close Date, closedate,
            First Deal Created Date, Recent Deal Amount, Recent Deal Close Date, Total Revenue, Days To Close,
            Number of Associated Deals, Associated Deals, Datum der Konversion zum Kunden, Abschlussdatum,
            Datum der Konversion zur Opportunity, Closed Lost Reason, Closed Won Reason, Is Closed Won,
            Is Deal Closed?, Datum der Konversion zum Fürsprecher, Annual contract value, Total contract value"""),
        MOVES: names("""
            Lifecycle Stage, Lifecycle-Phase, Lead Status, hs_lead_status, Lead-Status, Deal Stage, Deal probability,
            Became a Lead Date, Became a Marketing Qualified Lead Date, HubSpot Score, Contact priority,
            Became a Sales Qualified Lead Date, Datum der Konversion zum Lead, Likelihood to close, HubSpot-Score,
            Datum der Konversion zum Marketing-Qualified-Lead, Datum der Konversion zum Sales-Qualified-Lead"""),
        LAST: names("""
            Last Modified Date, Last Activity Date, Last Contacted, Time of Last Session, Time Last Seen,
            Recent Conversion, Recent Conversion Date, Recent Sales Email Replied Date, Next Activity Date,
            Last Engagement Date, Datum der letzten Aktivität, Zuletzt kontaktiert, Datum der letzten Änderung,
            Latest Source, Latest Traffic Source, Latest Traffic Source Date"""),
        COUNTS: names("""
            Number of times contacted, Number of Sales Activities, Anzahl der Kontaktaufnahmen"""),
        VISITS: names("""
            Number of Pageviews, hs_analytics_num_page_views, Anzahl der Seitenaufrufe, Number of Sessions,
            hs_analytics_num_visits, Anzahl der Sitzungen, Number of Form Submissions, num_conversion_events,
            Number of Unique Forms Submitted, num_unique_conversion_events, Anzahl der Formulareinsendungen,
            Number of event completions, Average Pageviews"""),
        WRITTEN: names("Deal Name, Deal-Name, Associated Contact"),
    },
    {
        "converted": names("Customer, Evangelist, Kunde, Fürsprecher, Closed won, closedwon"),
        "lost": names("Unqualified, Closed lost, closedlost, Bad timing"),
        "open": names("""
            Subscriber, Lead, Marketing Qualified Lead, Sales Qualified Lead, Opportunity, Other, Abonnent,
            Marketing-Qualified-Lead, Sales-Qualified-Lead, Sonstige, Connected"""),
    },
    names("Job Title, jobtitle, Jobtitel, Position"),
)

DYNAMICS: Final = Crm(
    "Dynamics 365",
    "Lead table reference, learn.microsoft.com (display names and logical names)",
    names("""
        (Do Not Modify) Lead, (Do Not Modify) Row Checksum, (Do Not Modify) Modified On, (Nicht ändern) Lead,
        (Nicht ändern) Zeilenprüfsumme, (Nicht ändern) Geändert am, leadid, statuscode, statecode, leadqualitycode,
        leadsourcecode, donotphone, donotbulkemail, donotemail, companyname, estimatedamount, qualifyingopportunityid,
        industrycode, Status Reason, Statusgrund, Do not allow Emails, Do not allow Phone Calls, Est. Value,
        Decision Maker?, Purchase Timeframe, Parent Account for lead, Qualifying Opportunity, Thema"""),
    {
        "id": names("(Do Not Modify) Lead, (Nicht ändern) Lead, leadid, Lead"),
        "created_at": names("Created On, createdon, Erstellt am"),
        "outcome": names("Status, statecode, Status Reason, statuscode, Statusgrund"),
        "value": names("Est. Value, Estimated Value, estimatedvalue, estimatedamount, Geschätzter Wert"),
        "owner": names("Owner, ownerid, Besitzer"),
        "group": names("Company Name, companyname, Firmenname"),
        "do_not_contact": names("""
            Do not allow Phone Calls, donotphone, Do not allow Emails, donotemail, Telefonanrufe nicht zulassen,
            E-Mails nicht zulassen"""),
    },
    {
        WITH: names("""
            Qualifying Opportunity, qualifyingopportunityid, Parent Account for lead, parentaccountid,
            Parent Contact for lead, parentcontactid, Customer, customerid, Originating Opportunity, Est. Close Date,
            Estimated Close Date, estimatedclosedate, Gesch. Abschlussdatum, Kunde"""),
        MOVES: names("""
            Status, statecode, Status Reason, statuscode, Statusgrund, Rating, leadqualitycode, Bewertung,
            Sales Stage, salesstage, Process Stage, Qualification Comments, Confirm Interest, Priority, Lead Score,
            Lead Grade, Score Trend"""),
        LAST: names("""
            (Do Not Modify) Modified On, (Nicht ändern) Geändert am, Modified On, modifiedon, Modified By,
            Geändert am, Geändert von, Last On Hold Time, Last SLA applied, Last Campaign Date"""),
        SYSTEM: names("""
            (Do Not Modify) Row Checksum, (Nicht ändern) Zeilenprüfsumme, Record Created On, Created By, Erstellt von,
            Exchange Rate, Currency, Währung, transactioncurrencyid"""),
        WRITTEN: names("Topic, subject, Thema, Description"),
    },
    {
        "converted": names("Qualified, Qualifiziert"),
        "lost": names("""
            Disqualified, Lost, Cannot Contact, No Longer Interested, Canceled, Disqualifiziert, Verloren,
            Kontakt nicht möglich, Nicht mehr interessiert, Abgebrochen"""),
        "open": names("Open, New, Contacted, Offen, Neu, Kontaktiert"),
    },
    names("Job Title, jobtitle, Position"),
)

PIPEDRIVE: Final = Crm(
    "Pipedrive",
    "Deal fields of the API reference and the export of the list view, developers.pipedrive.com, support.pipedrive.com",
    names("""
        Deal - ID, Deal - Title, Deal - Owner, Deal - Value, Deal - Status, Deal - Stage, Deal - Won time,
        Deal - Lost time, Deal - Lost reason, Deal - Deal created, Deal - Add time, Deal - Organization,
        Deal - Pipeline, Deal - Contact person, Deal - Deal closed on, Deal - Probability, Deal - Expected close date,
        Deal - Weighted value, Lead - ID, Lead - Title, Deal - Titel, Deal - Besitzer, Deal - Wert, Deal - Phase,
        Deal - Verlustgrund, Deal - Organisation, Deal - Kontaktperson"""),
    {
        "id": names("Deal - ID, Lead - ID"),
        "created_at": names("Deal - Deal created, Deal - Add time, Lead - Lead created, Deal - Deal erstellt"),
        "outcome": names("Deal - Status, Lead - Status"),
        "converted_at": names("Deal - Won time, Deal - Gewonnen am, Deal - Zeitpunkt gewonnen"),
        "value": names("Deal - Value, Deal - Wert, Lead - Value"),
        "owner": names("Deal - Owner, Deal - Besitzer, Lead - Owner"),
        "group": names("Deal - Organization ID, Deal - Organization, Deal - Organisation, Lead - Organization"),
    },
    {
        WITH: names("""
            Deal - Won time, Deal - Lost time, Deal - Lost reason, Deal - Deal closed on, Deal - Close time,
            Deal - Expected close date, Deal - Verlustgrund, Deal - Archive status, Deal - Archive time,
            Deal - Zeitpunkt verloren, Deal - Erwartetes Abschlussdatum, Deal - Abgeschlossen am"""),
        MOVES: names("""
            Deal - Stage, Deal - Phase, Deal - Probability, Deal - Wahrscheinlichkeit, Deal - Weighted value,
            Deal - Gewichteter Wert, Deal - Product quantity, Deal - Product amount, Deal - Pipeline"""),
        LAST: names("""
            Deal - Update time, Deal - Last stage change, Deal - Last activity date, Deal - Next activity date,
            Deal - Last email received, Deal - Last email sent, Deal - Datum der letzten Aktivität,
            Deal - Datum der nächsten Aktivität, Deal - Letzte Aktualisierung, Deal - Letzte Phasenänderung"""),
        COUNTS: names("""
            Deal - Total activities, Deal - Done activities, Deal - Activities to do, Deal - Email messages count,
            Deal - Aktivitäten gesamt, Deal - Erledigte Aktivitäten"""),
        WRITTEN: names("Deal - Title, Deal - Titel, Deal - Contact person, Deal - Kontaktperson, Lead - Title"),
        SYSTEM: names("Deal - Creator, Deal - Ersteller, Deal - Visible to, Deal - Currency, Deal - Currency of Value"),
    },
    {"converted": names("Won, Gewonnen"), "lost": names("Lost, Verloren, Deleted"), "open": names("Open, Offen")},
    names("Person - Job title, Person - Jobtitel"),
)

ZOHO: Final = Crm(
    "Zoho CRM",
    "Standard fields in Leads, help.zoho.com",
    names("""
        Record Id, Lead Owner.id, Converted Deal, Is Converted, Converted Date Time, Lead Conversion Time,
        Created Time, Modified Time, No. of Employees, Secondary Email, Skype ID, Last Activity Time, Email Opt Out,
        Email Opt-out, Most Recent Visit, First Visit, Visitor Score, Average Time Spent (Minutes), Number Of Chats,
        Days Visited, Record-ID, Erstellt um, Lead-Eigentümer, Geändert um, Anzahl der Mitarbeiter, E-Mail-Opt-out,
        Created_Time, No_of_Employees, Unsubscribed Mode"""),
    {
        "id": names("Record Id, Record-ID, Lead Id, id"),
        "created_at": names("Created Time, Created_Time, Erstellt um"),
        "outcome": names("Is Converted, Converted, Converted__s, Lead Status, Lead_Status, Lead-Status, Konvertiert"),
        "converted_at": names("Converted Date Time, Converted_Date_Time, Konvertiert um"),
        "owner": names("Lead Owner, Owner, Lead-Eigentümer, Lead Owner.id"),
        "group": names("Company, Firma, Unternehmen"),
        "do_not_contact": names("Email Opt Out, Email Opt-out, Email_Opt_Out, E-Mail-Opt-out"),
    },
    {
        WITH: names("""
            Is Converted, Converted, Converted Account, Converted Account.id, Converted Contact, Converted Contact.id,
            Converted Deal, Converted Deal.id, Converted Date Time, Lead Conversion Time, Konvertiert,
            Konvertiert um"""),
        MOVES: names("Lead Status, Lead_Status, Lead-Status, Rating, Bewertung, Visitor Score, Besucherwertung, Tag"),
        LAST: names("""
            Modified Time, Modified By, Last Activity Time, Most Recent Visit, Unsubscribed Time, Unsubscribed Mode,
            Geändert um, Geändert von, Zeit der letzten Aktivität, Change Log Time"""),
        SYSTEM: names(
            "Created By, Modified By.id, Created By.id, Lead Owner.id, Locked, Lead Image, Record Image, Layout"
        ),
        WRITTEN: names("Description, Skype ID, Twitter, Website"),
    },
    {
        "converted": names("Converted, Konvertiert"),
        "lost": names("Junk Lead, Lost Lead, Not Qualified, Verlorener Lead, Nicht qualifiziert"),
        "open": names("""
            Attempted to Contact, Contact in Future, Contacted, Not Contacted, Pre-Qualified, Kontaktversuch,
            In Zukunft kontaktieren, Kontaktiert, Nicht kontaktiert, Vorqualifiziert"""),
    },
    names("Title, Titel"),
)

ODOO: Final = Crm(
    "Odoo",
    "Model crm.lead, addons/crm/models/crm_lead.py; German labels, addons/crm/i18n/de.po; github.com/odoo/odoo",
    names("""
        stage_id, user_id, team_id, partner_name, contact_name, email_from, expected_revenue, date_closed, date_open,
        date_deadline, create_date, write_date, lost_reason_id, automated_probability, won_status, Expected Revenue,
        Salesperson, Sales Team, Lost Reason, Closed Date, Expected Closing, Assignment Date, Days to Assign,
        Days to Close, Automated Probability, Prorated Revenue, Is Won, Last Stage Update, Erwarteter Umsatz,
        Vertriebsmitarbeiter, Verkäufer, Verkaufsteam, Verlustgrund, Erwarteter Abschluss, Tage bis Abschluss,
        Tage bis Zuweisung, Zuweisungsdatum"""),
    {
        "id": names("External ID, Externe ID, ID, id, .id"),
        "created_at": names("Created on, create_date, Creation Date, Erstellt am, Erstellungsdatum"),
        "outcome": names("Is Won, won_status, Stage, stage_id, Phase, Stufe, Ist gewonnen"),
        "converted_at": names("Closed Date, date_closed, Date Closed, Abschlussdatum"),
        "value": names("Expected Revenue, expected_revenue, Erwarteter Umsatz"),
        "owner": names("Salesperson, user_id, Vertriebsmitarbeiter, Verkäufer"),
        "group": names("Company Name, partner_name, Customer, partner_id, Firmenname, Kunde"),
        "do_not_contact": names("Blacklist, Blacklisted, partner_is_blacklisted, Sperrliste"),
    },
    {
        WITH: names("""
            Closed Date, date_closed, Date Closed, Abschlussdatum, Lost Reason, lost_reason_id, Verlustgrund,
            Days to Close, day_close, Tage bis Abschluss, Active, active, Aktiv, Conversion Date, date_conversion,
            Umwandlungsdatum, Is Won, won_status, Customer, partner_id, Kunde"""),
        MOVES: names("""
            Stage, stage_id, Phase, Stufe, Probability, probability, Wahrscheinlichkeit, Automated Probability,
            automated_probability, Automatische Wahrscheinlichkeit, Priority, priority, Priorität, Prorated Revenue,
            prorated_revenue, Expected Closing, date_deadline, Erwarteter Abschluss, Type, type, Typ, Prorated MRR,
            Expected MRR, Recurring Revenues, Kanban State, Days to Assign, day_open, Tage bis Zuweisung"""),
        LAST: names("""
            Last Updated on, write_date, Zuletzt aktualisiert am, Last Stage Update, date_last_stage_update,
            Letzte Phasenaktualisierung, Assignment Date, date_open, Zuweisungsdatum, Last Action,
            Next Activity Deadline, Last Updated by, Zuletzt aktualisiert von"""),
        COUNTS: names("# Meetings, calendar_event_count"),
        WRITTEN: names("Opportunity, name, Verkaufschance, Chance, Notes, Notizen, description"),
        SYSTEM: names("Created by, Erstellt von, Color Index, Currency, Währung, Company, company_id, Unternehmen"),
    },
    {
        "converted": names("Won, Gewonnen"),
        "lost": names("Lost, Verloren"),
        "open": names("New, Qualified, Proposition, Pending, Neu, Qualifiziert, Angebot, Ausstehend"),
    },
    names("Job Position, function, Position, Stellenbezeichnung"),
)

CRMS: Final = (SALESFORCE, HUBSPOT, DYNAMICS, PIPEDRIVE, ZOHO, ODOO)


def recognise(columns: Iterable[str]) -> Crm | None:
    """Return the CRM from which a table with these columns was exported, or None."""
    words = set(map(spoken, columns))
    found = [(len(words & set(map(spoken, crm.own))), crm) for crm in CRMS]
    best, crm = max(found, key=lambda pair: pair[0])
    return crm if best >= NEEDED and [n for n, _ in found].count(best) == 1 else None
