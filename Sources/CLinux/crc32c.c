#include "CLinux.h"

#include <string.h>

// The instruction is compiled into functions of their own and called only where the processor has it, so that the
// program itself asks for no more than its baseline.

#if defined(__x86_64__)

#include <nmmintrin.h>

bool clinux_has_crc32c(void) {
    return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2")))
uint32_t clinux_crc32c(uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    uint64_t wide = state;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    state = (uint32_t)wide;
    for (; count > 0; count--) state = _mm_crc32_u8(state, *next++);
    return state;
}

#elif defined(__aarch64__)

#include <arm_acle.h>
#include <sys/auxv.h>

// From <asm/hwcap.h>.
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif

bool clinux_has_crc32c(void) {
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}

__attribute__((target("crc")))
uint32_t clinux_crc32c(uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        state = __crc32cd(state, word);
    }
    for (; count > 0; count--) state = __crc32cb(state, *next++);
    return state;
}

#else

bool clinux_has_crc32c(void) {
    return false;
}

uint32_t clinux_crc32c(uint32_t state, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return state;
}

#endif
