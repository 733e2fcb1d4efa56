// The journal without a store: what a batch wrote lives as long as the memory_store that the journals share.
// Not for users: nothing of it survives the process. Tests
// run on it, and hold the stores that last to the same rules.
#pragma once

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/export.hpp>

#include <memory>

namespace mistral::workflows::bulk_core {

/// What a file is to other stores: a journal that is dropped leaves it as a killed process would.
class memory_store;

MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::shared_ptr<memory_store> make_memory_store();
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::shared_ptr<bulk_journal> open_memory_journal(
    std::shared_ptr<memory_store> store);

/// Every operation fails from here on, as on a disk that is full, until it is told otherwise.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void set_failing(memory_store& store, bool failing);

/// The next `open` succeeds although the store is in use: as if its holder's lock had been lost.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void lose_lock(memory_store& store);

}  // namespace mistral::workflows::bulk_core
