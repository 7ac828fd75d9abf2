// SHA-256 of LANES independent streams, one stream per 32-bit lane of a vector. A template: the file that includes it
// says what the vector is.
//
//   LANES, vector, TARGET        how many, the type, the attribute
//   ADD XOR3 ROTATE SHIFT        word operations
//   CHOICE MAJORITY              Ch and Maj of FIPS 180-4, section 4.1.2
//   BROADCAST(x)                 one word in every lane
//   load_words(w, data)          the next block of every stream, as 16 vectors of big-endian words
//   LANES_FUNCTION               the name of the function

#define SUM0(x) XOR3(ROTATE(x, 2), ROTATE(x, 13), ROTATE(x, 22))
#define SUM1(x) XOR3(ROTATE(x, 6), ROTATE(x, 11), ROTATE(x, 25))
#define SIGMA0(x) XOR3(ROTATE(x, 7), ROTATE(x, 18), SHIFT(x, 3))
#define SIGMA1(x) XOR3(ROTATE(x, 17), ROTATE(x, 19), SHIFT(x, 10))

/// One round (section 6.2.2, step 3). Instead of moving the eight words, `t` says which variable has which role.
TARGET SHELF_INLINE void lanes_round(vector s[8], vector w[16], const int t, const int scheduled) {
    if (scheduled) {
        vector sum = ADD(SIGMA0(w[(t + 1) & 15]), w[(t + 9) & 15]);
        w[t & 15] = ADD(ADD(w[t & 15], SIGMA1(w[(t + 14) & 15])), sum);
    }
    vector e = s[(4 - t) & 7], f = s[(5 - t) & 7], g = s[(6 - t) & 7], h = s[(7 - t) & 7];
    vector a = s[(0 - t) & 7], b = s[(1 - t) & 7], c = s[(2 - t) & 7];
    vector wk = ADD(ADD(h, w[t & 15]), BROADCAST(shelf_sha256_k[t]));
    vector t1 = ADD(ADD(SUM1(e), CHOICE(e, f, g)), wk);
    s[(3 - t) & 7] = ADD(s[(3 - t) & 7], t1);
    s[(7 - t) & 7] = ADD(t1, ADD(SUM0(a), MAJORITY(a, b, c)));
}

TARGET void LANES_FUNCTION(const shelf_sha256_lane lanes[LANES], size_t blocks) {
    uint32_t words[8][LANES] __attribute__((aligned(64)));
    const uint8_t *data[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        data[lane] = lanes[lane].data;
        for (int i = 0; i < 8; i++) words[i][lane] = lanes[lane].state[i];
    }
    vector state[8];
    for (int i = 0; i < 8; i++) state[i] = *(const vector *)(const void *)words[i];
    for (; blocks > 0; blocks--) {
        vector w[16], s[8];
        load_words(w, data);
        for (int lane = 0; lane < LANES; lane++) data[lane] += SHELF_SHA256_BLOCK;
        for (int i = 0; i < 8; i++) s[i] = state[i];
#pragma GCC unroll 16
        for (int t = 0; t < 16; t++) lanes_round(s, w, t, 0);
#pragma GCC unroll 48
        for (int t = 16; t < 64; t++) lanes_round(s, w, t, 1);
        for (int i = 0; i < 8; i++) state[i] = ADD(state[i], s[i]);
    }
    for (int i = 0; i < 8; i++) *(vector *)(void *)words[i] = state[i];
    for (int lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < 8; i++) lanes[lane].state[i] = words[i][lane];
    }
}
