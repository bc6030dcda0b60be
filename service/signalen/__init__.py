"""`/signals_mltool/predict`: what the Signalen client of Dutch municipalities asks."""
