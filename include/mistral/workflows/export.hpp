// Symbol visibility of the compiled library.
// Not an API: users never need these macros.
#pragma once

#if defined(__GNUC__)
#define MISTRAL_WORKFLOWS_EXPORT __attribute__((visibility("default")))
#else
#define MISTRAL_WORKFLOWS_EXPORT
#endif

/// Internals that only mistral::workflows_testing links against; no promise is made for them.
#define MISTRAL_WORKFLOWS_INTERNAL_EXPORT MISTRAL_WORKFLOWS_EXPORT
