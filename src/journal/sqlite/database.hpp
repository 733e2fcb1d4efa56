// One connection to a file of SQLite, its statements, and what they say when they fail.
// Not what is in the file: that is schema.hpp and store.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace mistral::workflows::journal_sqlite {

/// Used by one thread at a time. What fails throws bulk_core::journal_failure.
class database {
 public:
  enum class access { create, existing };

  database(const std::filesystem::path& file, access how);
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Statements without a result that is wanted.
  void run(const std::string& sql);
  /// The first column of the first row.
  std::int64_t number(const std::string& sql);
  std::string text(const std::string& sql);

  void set_busy_timeout(int milliseconds) noexcept;
  /// A transaction is open; after some failures there is none although one was begun.
  bool in_transaction() const noexcept;
  /// The file is no longer where it was opened.
  bool moved() const noexcept;
  std::int64_t last_row() const noexcept;

  [[noreturn]] void fail(std::string_view doing) const;

  sqlite3* handle() const noexcept { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

/// Prepared once; run through `query`.
class statement {
 public:
  statement(database& on, std::string_view sql);
  ~statement();
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

 private:
  friend class query;

  database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

/// One run of a statement: its arguments, then its rows. The statement is free again when this is gone.
class query {
 public:
  template <typename... Arguments>
  explicit query(statement& of, const Arguments&... arguments) : of_(of) {
    int at = 0;
    (bind(++at, arguments), ...);
  }
  ~query();
  query(const query&) = delete;
  query& operator=(const query&) = delete;

  /// Whether there is another row.
  bool next();
  void run() {
    while (next()) {
    }
  }

  // Columns of the row, counted from 0.

  std::int64_t number(int column) const noexcept;
  std::optional<std::int64_t> number_if_any(int column) const noexcept;
  std::string text(int column) const;

 private:
  statement& of_;

  void bind(int at, std::int64_t value);
  void bind(int at, const std::optional<std::int64_t>& value);
  /// The text outlives the query.
  void bind(int at, const std::string& value);
  void check(int result) const;
};

}  // namespace mistral::workflows::journal_sqlite
