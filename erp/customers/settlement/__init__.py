"""What is owed and how it is paid: one machinery for what customers owe (sales) and what is owed to suppliers
(charges).

A *payment* is money that moved; its *uses* say how much of it pays which document, and what is left of it can
pay later ones. A *credit* takes a document back: it pays other documents of the same customer (*credit
uses*), or is given back in money, by a payment. A chapter declares its models from `models`, its rules as a
`services.Settlement`, and its doors from `api` and `admin`.
"""
