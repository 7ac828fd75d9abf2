// Prints what the kernels make of the first bytes of a file, a line for each length that standard input names:
//
//     kernels FILE <LENGTHS
//
// and fails if the same bytes cut into parts, moved in memory, fed side by side with others or put together from
// subtrees give anything else. MODELSHELF_KERNELS says which instructions may be used. Who calls it knows the right
// lines: they are made by other programs.
#include "shelf_hash_kernels.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MOST_BYTES = 1 << 20, MOST_STREAMS = 70 };

static uint8_t data[MOST_BYTES];

typedef struct {
    uint8_t sha256[SHELF_SHA256_DIGEST], blake3[SHELF_BLAKE3_DIGEST];
    uint32_t crc32;
} digests;

static void check(bool is_right, const char *what, size_t length, size_t at) {
    if (is_right) return;
    fprintf(stderr, "kernels: %s: wrong for %zu bytes (%zu)\n", what, length, at);
    exit(1);
}

/// The digests of bytes that come in three parts.
static digests in_parts(const uint8_t *bytes, size_t length, size_t first, size_t second) {
    digests made = {.crc32 = 0};
    size_t ends[3] = {first, second, length}, start = 0;
    shelf_sha256 sha256;
    shelf_blake3 blake3;
    shelf_sha256_init(&sha256);
    shelf_blake3_init(&blake3);
    for (int i = 0; i < 3; start = ends[i++]) {
        shelf_sha256_update(&sha256, bytes + start, ends[i] - start);
        shelf_blake3_update(&blake3, bytes + start, ends[i] - start);
        uint32_t part = shelf_crc32(0, bytes + start, ends[i] - start);
        uint32_t joined = shelf_crc32_combine(made.crc32, part, ends[i] - start);
        made.crc32 = shelf_crc32(made.crc32, bytes + start, ends[i] - start);
        check(joined == made.crc32, "joined CRC-32", length, start);
    }
    shelf_sha256_final(&sha256, made.sha256);
    shelf_blake3_final(&blake3, made.blake3);
    return made;
}

static void compare(const digests *made, const digests *wanted, size_t length, size_t at) {
    check(memcmp(made->sha256, wanted->sha256, sizeof made->sha256) == 0, "SHA-256", length, at);
    check(memcmp(made->blake3, wanted->blake3, sizeof made->blake3) == 0, "BLAKE3", length, at);
    check(made->crc32 == wanted->crc32, "CRC-32", length, at);
}

/// Cuts around every boundary of a block and of a chunk; long runs at a few places only.
static void cut_everywhere(size_t length, const digests *wanted) {
    for (size_t at = 0; at <= length; at++) {
        size_t beside = (at + 1) % SHELF_SHA256_BLOCK;
        if (length > 130 && beside > 2) continue;
        if (length > 1100 && at % SHELF_BLAKE3_CHUNK > 66 && at % 7 != 0) continue;
        if (length > 4200 && at % 16411 != 0) continue;
        size_t next = at + 1 < length ? at + 1 : length;
        digests made = in_parts(data, length, at, next);
        compare(&made, wanted, length, at);
    }
}

/// Another place in memory: the bytes end where nothing may be read any more. Their length says how they are aligned.
static void move_in_memory(size_t length, const digests *wanted) {
    enum { PAGE = 1 << 16, ROOM = MOST_BYTES + PAGE };
    static uint8_t *end;
    if (end == NULL) {
        uint8_t *room = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (room == MAP_FAILED || mprotect(room + ROOM, PAGE, PROT_NONE) != 0) exit(2);
        end = room + ROOM;
    }
    memcpy(end - length, data, length);
    digests made = in_parts(end - length, length, length, length);
    compare(&made, wanted, length, 0);
}

/// As many streams at once as stand in one group, each with other bytes, in three rounds of unequal lengths.
static void side_by_side(size_t count) {
    static shelf_sha256 streams[MOST_STREAMS];
    shelf_sha256 *contexts[MOST_STREAMS];
    const uint8_t *parts[MOST_STREAMS];
    size_t lengths[MOST_STREAMS], taken[MOST_STREAMS];
    for (size_t i = 0; i < count; i++) {
        shelf_sha256_init(&streams[i]);
        contexts[i] = &streams[i];
        taken[i] = 0;
    }
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < count; i++) {
            lengths[i] = (i * 167 + round * 1031) % 1500 * (i % 5 != round);
            parts[i] = data + i + taken[i];
            taken[i] += lengths[i];
        }
        shelf_sha256_update_many(contexts, parts, lengths, count);
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t made[SHELF_SHA256_DIGEST];
        shelf_sha256_final(&streams[i], made);
        digests wanted = in_parts(data + i, taken[i], taken[i], taken[i]);
        check(memcmp(made, wanted.sha256, sizeof made) == 0, "SHA-256 of several streams", taken[i], count);
    }
}

static void from_subtrees(size_t chunks, size_t extra) {
    size_t size = chunks * SHELF_BLAKE3_CHUNK, length = 3 * size + extra;
    uint8_t halves[64], made[SHELF_BLAKE3_DIGEST];
    shelf_blake3 tree;
    if (length > MOST_BYTES) return;
    shelf_blake3_init(&tree);
    for (size_t i = 0; i < 3; i++) {
        shelf_blake3_subtree(data + i * size, chunks, i * chunks, halves);
        shelf_blake3_add_subtree(&tree, chunks, halves);
    }
    shelf_blake3_update(&tree, data + 3 * size, extra);
    shelf_blake3_final(&tree, made);
    digests wanted = in_parts(data, length, length, length);
    check(memcmp(made, wanted.blake3, sizeof made) == 0, "BLAKE3 of subtrees", length, chunks);
}

static void print_hex(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) printf("%02x", bytes[i]);
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL || fread(data, 1, MOST_BYTES, file) != MOST_BYTES) return 2;
    fclose(file);
    fprintf(stderr, "%s\n", shelf_hash_kernels_description());

    size_t length;
    while (scanf("%zu", &length) == 1) {
        if (length > MOST_BYTES) return 2;
        digests wanted = in_parts(data, length, length, length);
        printf("%zu ", length);
        print_hex(wanted.sha256, sizeof wanted.sha256);
        printf(" %08x ", wanted.crc32);
        print_hex(wanted.blake3, sizeof wanted.blake3);
        printf("\n");
        move_in_memory(length, &wanted);
        // Under emulation all this takes its time: of the longer ones, those that end at a boundary.
        if (length > 130 && (length + 1) % SHELF_SHA256_BLOCK > 2) continue;
        cut_everywhere(length, &wanted);
    }
    for (size_t streams = 1; streams <= MOST_STREAMS; streams += streams < 20 ? 1 : 25) side_by_side(streams);
    for (size_t chunks = 2; chunks <= 512; chunks *= 2) {
        for (size_t extra = 0; extra <= 1500; extra += 750) from_subtrees(chunks, extra);
    }
    return 0;
}
