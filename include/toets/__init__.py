"""The rules of the inkomens- en vermogenstoets: pure functions on frames, besluit by besluit.

Read them in the order in which a household meets them: :mod:`adressen` (who lives there), :mod:`huishouden`
(B22-B27), :mod:`bevraging` (who is asked where), :mod:`inkomen` (B28-B35), :mod:`vermogen` (B36-B40),
:mod:`voertuigen` (B41-B43) and :mod:`eindoordeel` (B44-B51). :mod:`toetsen` runs them one after another, and
:mod:`toelichting` tells afterwards what they saw.
"""
