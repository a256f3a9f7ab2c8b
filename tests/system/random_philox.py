"""random_philox.py -- the uniforms of market/random.h again: Philox4x32-10 (Salmon et al.
2011) of (seed, purpose, who), two of 53 bits from each counter."""


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [p1 >> 32 ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, p0 >> 32 ^ c[3] ^ k[1],
             p0 & 0xFFFFFFFF]
        k = [k[0] + 0x9E3779B9 & 0xFFFFFFFF, k[1] + 0xBB67AE85 & 0xFFFFFFFF]
    return c


def uniforms(seed, purpose, who, n):
    place = purpose << 56 | who
    key = seed & 0xFFFFFFFF, seed >> 32
    numbers = []
    for drawn in range((n + 1) // 2):
        out = philox((drawn, 0, place & 0xFFFFFFFF, place >> 32), key)
        for high, low in ((out[0], out[1]), (out[2], out[3])):
            numbers.append((2 * ((high << 32 | low) >> 12) + 1) * 2.0 ** -53)
    return numbers[:n]
