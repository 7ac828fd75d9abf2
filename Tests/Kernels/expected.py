"""Makes what Tests/Kernels/kernels.c is to be fed and what it has to print: expected.py FOLDER

`data` is noise, `lengths` the lengths of its beginnings, `lines` their digests: SHA-256 by libcrypto and CRC-32 by zlib
(through Python), BLAKE3 by b3sum.
"""

import hashlib
import pathlib
import random
import subprocess
import sys
import zlib

folder = pathlib.Path(sys.argv[1])
data = random.Random(20).randbytes(1 << 20)

# Every length up to two chunks of BLAKE3 and a block; beyond them those around what a kernel takes at once.
lengths = set(range(2 * 1024 + 66))
for chunks in [3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 64, 256, 257]:
    lengths |= {chunks * 1024 + more for more in (-64, -1, 0, 1, 63, 64, 65)}
lengths |= {270_001, 1 << 20}

(folder / "data").write_bytes(data)
parts = folder / "parts"
parts.mkdir()
for length in lengths:
    (parts / str(length)).write_bytes(data[:length])
names = [str(length) for length in sorted(lengths)]
b3sum = subprocess.run(["b3sum", *names], cwd=parts, check=True, capture_output=True, text=True).stdout
blake3 = dict(reversed(line.split()) for line in b3sum.splitlines())

(folder / "lengths").write_text("\n".join(names) + "\n")
with open(folder / "lines", "w", encoding="ascii") as lines:
    for length in sorted(lengths):
        part = data[:length]
        sha256, crc32 = hashlib.sha256(part).hexdigest(), zlib.crc32(part)
        lines.write(f"{length} {sha256} {crc32:08x} {blake3[str(length)]}\n")
