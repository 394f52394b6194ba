"""Breaks a rule of what is shown, in a file of attack.py: that the attack finds it proves the attack."""


def tamper(file, rule):
    raise ValueError(rule)
