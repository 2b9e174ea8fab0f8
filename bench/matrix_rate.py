"""Prints the rate of torch's matrix product in FLOP/s, at the sizes of one model's MLP. Run: matrix_rate.py TOKENS HIDDEN INTERMEDIATE"""

import statistics
import sys
import time

import torch

tokens, hidden, intermediate = map(int, sys.argv[1:])
x, w = torch.randn(tokens, hidden), torch.randn(intermediate, hidden)
rates = []
for _ in range(30):
    start = time.perf_counter()
    for _ in range(20):
        x @ w.t()
    rates.append(20 * 2 * tokens * hidden * intermediate / (time.perf_counter() - start))
print(statistics.median(rates))
