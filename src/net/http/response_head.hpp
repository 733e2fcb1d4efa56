// Status line and header fields of an answer, in one block of text that is used again for the next one.
// Not a parser: connection.cpp fills it.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::net {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT response_head {
 public:
  response_head();
  ~response_head();
  response_head(response_head&&) noexcept;
  response_head& operator=(response_head&&) noexcept;

  int status() const noexcept { return status_; }
  /// 10 or 11.
  int version() const noexcept { return version_; }

  /// The first field of that name (case does not matter), without
  /// the white space around it; empty where there is none.
  std::string_view header(std::string_view name) const noexcept;
  bool has(std::string_view name) const noexcept;

  /// How many fields there are, and each in the order it came.
  std::size_t size() const noexcept { return fields_.size(); }
  std::string_view name(std::size_t index) const noexcept;
  std::string_view value(std::size_t index) const noexcept;

  /// Of the block, in bytes.
  std::size_t capacity() const noexcept { return fields_.capacity() == 0 ? 0 : text_.capacity(); }

  void begin(int status, int version);
  void add(std::string_view name, std::string_view value);

 private:
  struct field {
    std::uint32_t name_begin, value_begin, end;
  };

  int status_ = 0;
  int version_ = 11;
  std::string text_;
  std::vector<field> fields_;

  const field* find(std::string_view name) const noexcept;
};

}  // namespace mistral::workflows::net
