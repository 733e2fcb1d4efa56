// Counts what the thread that asks takes from the heap, OpenSSL's share apart.
// Linked into a program, it stands in for malloc and its like; glibc only.
#pragma once

#include <cstdint>

namespace bench {

/// To be called before anything uses OpenSSL: from then on OpenSSL's allocations are counted apart.
void count_openssl_apart();

/// Of the calling thread: malloc, calloc, realloc, aligned_alloc, posix_memalign, memalign and operator new.
std::uint64_t allocations();
std::uint64_t openssl_allocations();

}  // namespace bench
