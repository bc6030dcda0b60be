"""Adapting the sentence encoder: needs the extra ``[adapt]``, except for `command` and `out_of_fold`."""
