"""Runs SMT-LIB texts through cvc5, one after the other, and prints sat, unsat or unknown for each.

Usage: solve.py MILLISECONDS < TEXTS, where a line of `;;` stands between two texts.
"""

import sys

import cvc5


def answer(text, limit):
    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(limit))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    symbols = parser.getSymbolManager()
    printed = ""
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return printed.strip()
        printed += command.invoke(solver, symbols)


def main():
    limit = int(sys.argv[1])
    for text in sys.stdin.read().split("\n;;\n"):
        if text.strip():
            print(answer(text, limit), flush=True)


main()
