"""Why an outcome is what it is, in words for the citizen, after publication and without asking a source again.

:func:`maak_feiten` keeps what the report does not say, when the rules run; :func:`schrijf_feiten` and
:func:`zoek_feiten` store it beside the report; :func:`uitleg` puts it into words.
"""

from include.rapportage.uitleg.bestand import schrijf_feiten, zoek_feiten
from include.rapportage.uitleg.brief import uitleg
from include.rapportage.uitleg.feiten import maak_feiten

__all__ = ["maak_feiten", "schrijf_feiten", "uitleg", "zoek_feiten"]
