// One HTTP request as a value: what is asked, not yet how it is sent.
// Not tied to a connection: `serialize` joins it with what all requests of a client share.
#pragma once

#include "protocol/http/operation.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows::protocol {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// What every request of a client carries.
struct request_defaults {
  request_defaults() = default;

  std::string host;         ///< value of the Host header
  std::string path_prefix;  ///< path of the server URL, without a slash at its end; usually empty
  std::string user_agent;
  header_list headers;
};

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT request {
 public:
  explicit request(operation op);

  operation op() const noexcept { return op_; }
  const operation_info& description() const noexcept { return info(op_); }
  safety repeat() const noexcept { return repeat_; }
  const std::string& target() const noexcept { return target_; }
  const std::optional<std::string>& body() const noexcept { return body_; }
  const header_list& headers() const noexcept { return headers_; }

  /// Whether its path names this execution id, or none at all.
  bool is_about(std::string_view execution_id) const;

  /// The target without its query, as errors show it.
  std::string path() const { return target_.substr(0, target_.find('?')); }

  /// Puts a percent-encoded segment in place of the path's next parameter; `name` is what errors call
  /// it. Throws invalid_argument for what must not be sent: empty, "." or "..", a NUL, or more than
  /// `max_length` characters... an empty id in "/executions//terminate" could reach another route.
  request& segment(std::string_view name, std::string_view value, std::size_t max_length = 1024);

  /// Adds a query parameter. An unset optional is left out; an empty string is sent as "name=".
  request& query(std::string_view name, std::string_view value);
  request& query(std::string_view name, const char* value) { return query(name, std::string_view(value)); }
  request& query(std::string_view name, const std::string& value) {
    return query(name, std::string_view(value));
  }
  request& query(std::string_view name, std::int64_t value);
  request& query(std::string_view name, int value) { return query(name, std::int64_t{value}); }
  request& query(std::string_view name, bool value);
  request& query(std::string_view name, timestamp value);
  template <class T>
  request& query(std::string_view name, const std::optional<T>& value) {
    return value ? query(name, *value) : *this;
  }
  /// Arrays repeat the key; an empty one is left out.
  template <class T>
  request& query(std::string_view name, const std::vector<T>& values) {
    for (const auto& value : values) query(name, value);
    return *this;
  }
  template <class T>
    requires requires(const T& e) {
      { e.text() } -> std::convertible_to<std::string_view>;
    }
  request& query(std::string_view name, const T& value) {
    return query(name, std::string_view(value.text()));
  }

  request& json(std::string body) {
    body_ = std::move(body);
    return *this;
  }
  request& header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  /// Departs from the operation table, for the one operation whose class depends on its arguments.
  request& repeat_as(safety value) {
    repeat_ = value;
    return *this;
  }

 private:
  operation op_;
  std::string target_;
  std::size_t id_at_ = 0;  // of the execution id in the target, percent-encoded
  std::size_t id_size_ = 0;
  std::optional<std::string> body_;
  header_list headers_;
  safety repeat_;
  bool has_query_ = false;
};

/// The bytes of the request, head and body. `authorization`
/// is the value of that header; none is sent if it is empty.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string serialize(const request& r, const request_defaults& defaults,
                                                        std::string_view authorization,
                                                        const header_list& extra = header_list());
/// The same at the end of `out`.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void serialize(const request& r, const request_defaults& defaults,
                                                 std::string_view authorization, const header_list& extra,
                                                 std::string& out);

/// Whether two header names are the same: case does not matter.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool same_header(std::string_view a, std::string_view b);

/// Adds a header, in place of one of the same name.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void set_header(header_list& list, std::string_view name,
                                                  std::string_view value);

/// Percent-encodes everything but RFC 3986's unreserved characters.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace mistral::workflows::protocol
