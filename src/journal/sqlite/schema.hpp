// The tables of a journal, and how a file is known to hold them.
// Not what is written into them: that is store.hpp.
#pragma once

#include "journal/sqlite/database.hpp"

#include <cstdint>

namespace mistral::workflows::journal_sqlite {

/// In the file's header, where file(1) and others look: "mwfj".
inline constexpr std::int64_t application_id = 0x6d77666a;
inline constexpr std::int64_t schema_version = 1;

/// Whether the file is new, and has no tables yet. Throws journal_failure:
/// another program's file, a newer schema. Changes nothing.
bool is_new(database& file);

/// Sets how a journal is written: with a write-ahead log that is synced at each commit.
void set_durable(database& file);

/// Within a transaction.
void create_tables(database& file);

}  // namespace mistral::workflows::journal_sqlite
