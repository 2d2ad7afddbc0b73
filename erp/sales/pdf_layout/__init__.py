"""The printed page of a sales document, as a pure function of its frozen snapshot: no ORM, no clock.

`layout` turns the snapshot into what `templates/pdf/document.html` shows: every text and amount is already
written, in the document's language and in the team's formats of numbers and dates. The template places them.

The snapshot is a plain dictionary. Dates are `YYYY-MM-DD` in the team's timezone, numbers decimal strings,
amounts in the document's currency, pictures names of assets. Rich text, sanitised on the way in, is allowed
in `comments`, `contents[].designation` and `sale_term.content`; everything else is plain text, and escaped.
Keys marked * are obligatory, the others may be missing or null; names are those of the wire unless noted.

- kind* (quotation, command, proforma, delivery, invoice, credit), is_draft, is_deposit, reference, version,
  date*, expire_at, due_date, delivery_date, title, comments, customer_reference (the customer's own),
  input_mode*, secondary_quantity_mode, secondary_quantity, secondary_unit_label, contact (a name), affair
  (a reference), team_user (a name), source_documents [{kind, reference, date}];
- team* {company_name*, company_type, company_siret, company_rcs, company_vatrate, company_naf,
  company_capital, road1, road2, road3, postal_code, town, country, country_code, phone, email, website,
  logo (an asset)};
- formats* {currency_position, number_format_decimals, number_format_number_thousands, date_format};
- team_options {sales_pdf_delivery_prices, sales_pdf_delivery_remaining_quantity};
- customer* {reference, vat_number, siret, is_company}, billing_address* and delivery_address {name, contact,
  road, road2, road3, postal_code, city, country, country_code}: `country` is the name to print;
- currency* and team_currency {code*, symbol, decimals}; with two currencies exchange_rate (the value of one
  unit of the document's in the team's) and total_tva_team_currency;
- contents*: lines with the attributes of Quotation Content that are printed, is_hidden, and unit_label,
  secondary_unit_label, vat_legal_notice, picture (an asset);
- totals*: the totals of Quotation, global_discount_type and _value, amount_due*, vatrates
  [{rate, ht, tva, ttc, legal_notice}];
- pdf_options*, input_options*: as on the wire;
- payment_term (a label), payment_methods [texts], bank_account {iban, bic, owner}, escompte_rate,
  escompte_amount_ht, escompte_amount_ttc, grant_label, grant_amount, grant_pdf_mentions,
  guarantee_holdback_pourcent, guarantee_holdback_amount, guarantee_holdback_duration (months),
  advance_payment_type, advance_payment_value, advance_payment_amount;
- package_qty, delivery_mode, delivery_tracking (delivery notes);
- legal_mentions [texts] (category of operations, early and late payment, collection costs and the like, as
  the law words them on that date), sale_term {label, content};
- accent_color (`#rrggbb`).

Import from here. Inside: `page` (the snapshot and what each part asks of it), `head` (title, parties, facts),
`lines` (the table), `totals`, `foot` (payment, mentions, signature, terms), `document` (all of it).
"""

from erp.core.printing import Formats
from erp.sales.pdf_layout.document import document_html, layout

__all__ = ["Formats", "document_html", "layout"]
