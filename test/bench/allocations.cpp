#include "allocations.hpp"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;
void* __libc_memalign(std::size_t, std::size_t) noexcept;
void __libc_free(void*) noexcept;
}

namespace {

// Plain integers, constant-initialised: malloc is called before any constructor has run.
thread_local constinit std::uint64_t taken = 0;
thread_local constinit std::uint64_t taken_by_openssl = 0;

}  // namespace

// operator new calls malloc, so it is counted there.
extern "C" {

void* malloc(std::size_t size) noexcept {
  ++taken;
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  ++taken;
  return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) noexcept {
  ++taken;
  return __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  ++taken;
  return __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  ++taken;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  ++taken;
  void* const made = __libc_memalign(alignment, size);
  if (!made) return ENOMEM;
  *out = made;
  return 0;
}

void free(void* block) noexcept { __libc_free(block); }

}  // extern "C"

namespace bench {

void count_openssl_apart() {
  CRYPTO_set_mem_functions(
      [](std::size_t size, const char*, int) -> void* {
        ++taken_by_openssl;
        return __libc_malloc(size);
      },
      [](void* block, std::size_t size, const char*, int) -> void* {
        ++taken_by_openssl;
        return __libc_realloc(block, size);
      },
      [](void* block, const char*, int) { __libc_free(block); });
}

std::uint64_t allocations() { return taken; }
std::uint64_t openssl_allocations() { return taken_by_openssl; }

}  // namespace bench
