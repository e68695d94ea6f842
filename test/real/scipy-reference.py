"""Reference values for test/real/scipy.test.ts: reads cases as JSON on stdin, writes what scipy says about each as JSON.

What scipy has no exact method for (ties, signed rank with ties or zeros) is counted here by brute force.
"""

import itertools
import json
import math
import sys

import numpy as np
from scipy import special, stats


def tails(sums, observed):
    return [float(np.mean(sums >= observed - 1e-9)), float(np.mean(sums <= observed + 1e-9))]


def mann_whitney(a, b):
    if len(set(a) | set(b)) == len(a) + len(b):
        tests = [stats.mannwhitneyu(a, b, alternative=side, method="exact").pvalue for side in ("less", "greater")]
        return [float(p) for p in tests]
    ranks = stats.rankdata(a + b)
    subsets = itertools.combinations(range(len(ranks)), len(b))
    return tails(np.array([ranks[list(subset)].sum() for subset in subsets]), ranks[len(a):].sum())


def order_of_interval(n, m, alpha_a_side):
    counts = np.array([1.0])
    # Numbers of arrangements with U = u: the Gaussian binomial coefficient [n + m, n].
    for i in range(1, n + 1):
        grown = np.zeros(len(counts) + m + i)
        grown[: len(counts)] = counts
        grown[m + i: m + i + len(counts)] -= counts
        for u in range(i, len(grown)):
            grown[u] += grown[u - i]
        counts = grown[: i * m + 1]
    reached = np.cumsum(counts) / math.comb(n + m, n)
    return int(np.sum(reached <= alpha_a_side)), reached


def hodges_lehmann(a, b):
    shifts = np.sort(np.subtract.outer(b, a).ravel())
    order, reached = order_of_interval(len(a), len(b), 0.05)
    if order == 0:
        return [float(np.median(shifts)), None, None, None]
    ends = shifts[order - 1], shifts[len(shifts) - order]
    return [float(np.median(shifts)), float(ends[0]), float(ends[1]), float(1 - 2 * reached[order - 1])]


def signed_rank(d):
    nonzero = np.array([x for x in d if x != 0])
    ranks = stats.rankdata(abs(nonzero))
    signs = np.array(list(itertools.product([0, 1], repeat=len(nonzero))))
    return tails(signs @ ranks, ranks[nonzero > 0].sum())


def reference(case):
    a, b, d = case["a"], case["b"], case["d"]
    welch = stats.ttest_ind(b, a, equal_var=False)
    interval = welch.confidence_interval(0.95)
    walsh = [(x + y) / 2 for x, y in itertools.combinations_with_replacement(d, 2)]
    return {
        "mannWhitney": mann_whitney(a, b),
        "welch": [float(x) for x in (welch.statistic, welch.df, welch.pvalue, interval.low, interval.high)],
        "cliffs": float(np.mean(np.sign(np.subtract.outer(b, a)))),
        "hodgesLehmann": hodges_lehmann(a, b),
        "signedRank": signed_rank(d),
        "walsh": float(np.median(walsh)),
        "adjusted": [float(q) for q in stats.false_discovery_control(case["p"])],
        "noncentralT": float(special.nctdtr(case["df"], case["ncp"], case["t"])),
        "studentT": [float(stats.t.ppf(case["q"], case["df"])), float(2 * stats.t.sf(abs(case["t"]), case["df"]))],
    }


json.dump([reference(case) for case in json.load(sys.stdin)], sys.stdout)
