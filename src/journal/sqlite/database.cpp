#include "journal/sqlite/database.hpp"

#include "bulk/journal_rules.hpp"

#include <sqlite3.h>

namespace mistral::workflows::journal_sqlite {

using bulk_core::journal_failure;

namespace {

[[noreturn]] void fail_with(sqlite3* handle, std::string_view doing) {
  const int code = handle ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
  std::string reason = std::string(doing) + ": " + (handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code)) +
                       " (SQLite's code " + std::to_string(code) + ")";
  if ((code & 0xff) == SQLITE_NOTADB) throw journal_failure(journal_problem::refused, reason);
  throw journal_failure(journal_problem::failed, std::move(reason));
}

}  // namespace

database::database(const std::filesystem::path& file, access how) {
  // No lock of SQLite's own for each call: one thread at a time is the rule here.
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (how == access::create ? SQLITE_OPEN_CREATE : 0);
  // With a name that begins with a slash, nothing in it is taken for a URI or for ":memory:".
  const std::string name = std::filesystem::absolute(file).string();
  if (sqlite3_open_v2(name.c_str(), &handle_, flags, nullptr) == SQLITE_OK) return;
  try {
    fail_with(handle_, "opening " + name);
  } catch (const journal_failure&) {
    sqlite3_close(handle_);
    throw;
  }
}

database::~database() { sqlite3_close(handle_); }

void database::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(sql.substr(0, sql.find('(')));
}

std::int64_t database::number(const std::string& sql) {
  statement asked(*this, sql);
  query row(asked);
  return row.next() ? row.number(0) : 0;
}

std::string database::text(const std::string& sql) {
  statement asked(*this, sql);
  query row(asked);
  return row.next() ? row.text(0) : std::string();
}

void database::set_busy_timeout(int milliseconds) noexcept { sqlite3_busy_timeout(handle_, milliseconds); }

bool database::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

bool database::moved() const noexcept {
  int moved = 0;
  return sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

std::int64_t database::last_row() const noexcept { return sqlite3_last_insert_rowid(handle_); }

void database::fail(std::string_view doing) const { fail_with(handle_, doing); }

statement::statement(database& on, std::string_view sql) : database_(on) {
  if (sqlite3_prepare_v3(on.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &handle_, nullptr) != SQLITE_OK)
    on.fail("preparing a statement");
}

statement::~statement() { sqlite3_finalize(handle_); }

query::~query() {
  sqlite3_reset(of_.handle_);
  sqlite3_clear_bindings(of_.handle_);
}

bool query::next() {
  const int result = sqlite3_step(of_.handle_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) of_.database_.fail("reading or writing");
  return false;
}

std::int64_t query::number(int column) const noexcept { return sqlite3_column_int64(of_.handle_, column); }

std::optional<std::int64_t> query::number_if_any(int column) const noexcept {
  if (sqlite3_column_type(of_.handle_, column) == SQLITE_NULL) return std::nullopt;
  return number(column);
}

std::string query::text(int column) const {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(of_.handle_, column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(of_.handle_, column)))
               : std::string();
}

void query::bind(int at, std::int64_t value) { check(sqlite3_bind_int64(of_.handle_, at, value)); }

void query::bind(int at, const std::optional<std::int64_t>& value) {
  check(value ? sqlite3_bind_int64(of_.handle_, at, *value) : sqlite3_bind_null(of_.handle_, at));
}

void query::bind(int at, const std::string& value) {
  check(sqlite3_bind_text64(of_.handle_, at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void query::check(int result) const {
  if (result != SQLITE_OK) of_.database_.fail("binding a value");
}

}  // namespace mistral::workflows::journal_sqlite
