// The append-only log of a state folder: one record a line, each with a checksum.
// Not a database, and not proof against a power cut: it
// outlives the process, so nothing is synced to the disk.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT journal {
 public:
  /// Opens or makes `folder`/journal.
  /// Errors: boost::system::system_error; `device_or_resource_busy` while somebody else has it open.
  explicit journal(const std::filesystem::path& folder);
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// Hands out every record from the first to the last. A last record that was not written whole is cut off.
  /// Requires: called once, before the first `append`.
  /// Errors: std::runtime_error if a whole record does not match its checksum.
  void read(const std::function<void(std::string_view record)>& each);

  /// Writes a record; when this returns it outlives the process. The record holds no line feed.
  /// Errors: boost::system::system_error, and nothing of the record stays in the file.
  void append(std::string_view record);

  static std::filesystem::path file_in(const std::filesystem::path& folder);

 private:
  void write_all(std::string_view bytes);

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace mistral::workflows::testing
